import { expect, test } from '@jest/globals';
import { createServer } from 'node:net';
import { Program } from './program.js';
import { clientOf } from './support.js';

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
    const port = await program.port();
    await program.says(/stripe-node {3}new Stripe/);
    const customer = await clientOf(port).customers.create({});
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

test('in production it is refused in one line', async () => {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  const program = new Program('--port', '0', '--ephemeral');
  process.env['NODE_ENV'] = before;
  try {
    expect([await program.ended(), program.err]).toEqual([
      1,
      'The sandbox is not for production (NODE_ENV): its cards and its money are none.\n',
    ]);
  } finally {
    program.child.kill();
  }
});
