import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The built program, as it is started by hand. */
export class Program {
  readonly child: ChildProcess;
  out = '';
  err = '';

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, ['dist/src/sandbox/sandbox.cli.js', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Jest's own, which a test may have changed, rather than that of the process.
      env: process.env,
    });
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

  /** The port that it listens on. */
  async port(): Promise<number> {
    return Number(await this.says(/listens on http:\/\/127\.0\.0\.1:(\d+)\./));
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  fail(words: RegExp): never {
    throw new Error(`it ended without saying ${String(words)}: ${this.out}${this.err}`);
  }
}
