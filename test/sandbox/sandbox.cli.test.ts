import { expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { clientOf } from './support.js';

/** The program as it is started by hand, from its sources. */
class Program {
  readonly child: ChildProcess;
  out = '';
  err = '';

  constructor(...args: string[]) {
    const node = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning'];
    this.child = spawn(
      process.execPath,
      [...node, '--import', './test/sandbox/ts-imports.mjs', 'src/sandbox/sandbox.cli.ts', ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.child.stdout?.on('data', (chunk) => (this.out += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.err += String(chunk)));
  }

  async says(words: RegExp): Promise<string> {
    for (;;) {
      const found = words.exec(this.out);
      if (found !== null) return found[1] ?? '';
      await Promise.race([once(this.child.stdout ?? this.child, 'data'), this.ended().then(() => this.fail(words))]);
    }
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  fail(words: RegExp): never {
    throw new Error(`it ended without saying ${String(words)}: ${this.out}${this.err}`);
  }
}

test('starts alone, says what to do next, repeats its ids by the seed, and stops when told', async () => {
  const ids: string[] = [];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const program = new Program(
      '--port',
      '0',
      '--seed',
      '7',
      '--ephemeral',
      '--now',
      '2026-01-31T10:00:00Z',
      '--frozen',
    );
    const port = await program.says(/listens on http:\/\/127\.0\.0\.1:(\d+)\./);
    await program.says(/stripe-node {3}new Stripe/);
    const customer = await clientOf(Number(port)).customers.create({});
    expect(customer.created).toBe(Date.parse('2026-01-31T10:00:00Z') / 1000);
    ids.push(customer.id);
    program.child.kill(signal);
    expect(await program.ended()).toBe(0);
  }
  expect(new Set(ids).size).toBe(1);
});

test('a port in use is one clear line', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const program = new Program('--port', String(port), '--ephemeral');
  expect(await program.ended()).toBe(1);
  expect(program.err).toBe(
    `The sandbox cannot listen on 127.0.0.1:${port}: the port is in use. Stop what uses it, or choose another port.\n`,
  );
  other.close();
});

test.each([
  [['--port', 'many'], '--port takes a whole number up to 65535, not many\n'],
  [['--now', 'yesterday'], '--now is not an ISO date: yesterday\n'],
  [['--webhook', 'nowhere'], '--webhook is not a URL: nowhere\n'],
])('%j is refused in one line', async (args, line) => {
  const program = new Program(...args, '--ephemeral');
  expect([await program.ended(), program.err]).toEqual([1, line]);
});

test('--help explains every option', async () => {
  const program = new Program('--help');
  expect(await program.ended()).toBe(0);
  for (const option of ['port', 'host', 'state', 'ephemeral', 'seed', 'now', 'frozen', 'webhook', 'webhook-secret'])
    expect(program.out).toContain(`--${option} `);
});
