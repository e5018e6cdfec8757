import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('house.mjs', import.meta.url));
const START_LIMIT_MS = 60_000;

/** The house as a process of its own, which can be killed and started again. */
export class HouseProcess {
  private child: ChildProcess | null = null;
  private starting: Promise<void> | null = null;
  /** Real times at which it was killed. */
  readonly kills: number[] = [];
  private readonly log: number;

  constructor(
    private readonly env: Record<string, string>,
    private readonly sandboxUrl: string,
    readonly logFile: string,
  ) {
    this.log = openSync(logFile, 'a');
  }

  /** Resolves when it answers; harmless when it runs already. @throws Error when it ends instead */
  start(first = false): Promise<void> {
    if (this.child?.exitCode === null && this.child.signalCode === null && this.starting === null)
      return Promise.resolve();
    this.starting ??= this.spawn(first).finally(() => (this.starting = null));
    return this.starting;
  }

  async kill(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.kills.push(Date.now());
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.starting?.catch(() => undefined);
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(impatience);
  }

  private async spawn(first: boolean): Promise<void> {
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', PROGRAM, this.sandboxUrl, first ? 'first' : 'again'],
      {
        env: { PATH: process.env['PATH'], ...this.env },
        stdio: ['ignore', 'pipe', this.log],
      },
    );
    this.child = child;
    const { stdout } = child;
    const ready = new Promise<void>((resolve) => {
      stdout?.setEncoding('utf8').on('data', (said: string) => {
        writeSync(this.log, said);
        if (said.includes('ready\n')) resolve();
      });
    });
    const ended = once(child, 'exit').then(([code, signal]: Array<number | string | null>) => {
      throw new Error(`The house ended with ${code ?? signal} while it started; its log: ${this.logFile}`);
    });
    ended.catch(() => undefined);
    const late = new AbortController();
    const limit = setTimeout(() => late.abort(), START_LIMIT_MS);
    try {
      await Promise.race([
        ready,
        ended,
        once(late.signal, 'abort').then(() => {
          throw new Error(`The house has not started within a minute; its log: ${this.logFile}`);
        }),
      ]);
    } finally {
      clearTimeout(limit);
    }
  }
}
