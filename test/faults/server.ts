import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { ApiClient } from '../support/api-client.js';
import { SandboxControls } from '../support/sandbox-controls.js';

const READY_LIMIT_MS = 60_000;

/** A process that was started in a `Place`, and what it has said so far. */
export class Server {
  stdout = '';
  stderr = '';
  /** Resolves to its exit code, or to the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  private heard: () => void = () => {};

  constructor(private readonly child: ChildProcess) {
    this.ended = once(child, 'close').then(
      ([code, signal]: Array<number | NodeJS.Signals | null>) => code ?? signal ?? 0,
    );
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.heard();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  /** @throws Error with all that was said, when it ends or takes longer than a minute */
  ready(): Promise<this> {
    return this.says('Ctrl-C stops everything.');
  }

  async says(text: string): Promise<this> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`It has not said "${text}" for a minute:\n${this.all}`)),
        READY_LIMIT_MS,
      );
    });
    const said = new Promise<void>((resolve) => {
      this.heard = () => {
        if (this.stdout.includes(text)) resolve();
      };
      this.heard();
    });
    const gone = this.ended.then((code) => {
      throw new Error(`It ended with ${code} before it said "${text}":\n${this.all}`);
    });
    await Promise.race([said, late, gone]).finally(() => clearTimeout(timer));
    return this;
  }

  /** Its memory in bytes, as the system sees it. */
  async memory(): Promise<number> {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(this.child.pid)]);
    return Number(stdout) * 1024;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Its exit code; null when a signal ended it. */
  async exit(): Promise<number | null> {
    const end = await this.ended;
    return typeof end === 'number' ? end : null;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.signal(signal);
    return this.exit();
  }

  async kill(): Promise<void> {
    await this.stop('SIGKILL');
  }

  /** A line of the banner. */
  told(name: string): string {
    const found = new RegExp(`^ {2}${name} +(\\S+)$`, 'm').exec(this.stdout)?.[1];
    if (found === undefined) throw new Error(`The banner has no ${name}:\n${this.all}`);
    return found;
  }

  get api(): ApiClient {
    return new ApiClient(this.told('API'), this.told('API key'));
  }

  get sandbox(): SandboxControls {
    return new SandboxControls(this.told('Sandbox'));
  }

  private get all(): string {
    return `${this.stdout}${this.stderr}`;
  }
}
