import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

export interface Usage {
  peak_mb: number;
  cpu_s: number;
}

export interface StartOptions {
  args?: string[];
  /** All of its environment; left out: the caller's. */
  env?: Record<string, string>;
  /** Left alone, Node lets garbage pile up as far as the machine's memory allows. Held to so many megabytes of heap, a program shows what it needs. */
  heapMegabytes?: number;
  /** What it tells of itself beside its work is not shown. */
  quiet?: boolean;
}

/** Enough for the largest of the sandbox's measurements. */
const SANDBOX_HEAP = 704;

/** A server in a process of its own, so that its memory and its processor time are its own. */
export class Measured {
  constructor(
    readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** `program` is absolute or relative to this file; it prints an address with its port once it listens. */
  static async start(program: string, { args = [], env, heapMegabytes, quiet }: StartOptions = {}): Promise<Measured> {
    const here = import.meta.dirname;
    const heap = heapMegabytes === undefined ? [] : [`--max-old-space-size=${heapMegabytes}`];
    const node = [...heap, '--enable-source-maps', '--import', join(here, 'usage.js')];
    const child = spawn(process.execPath, [...node, resolve(here, program), ...args], {
      stdio: ['ignore', 'pipe', quiet === true ? 'ignore' : 'inherit', 'ipc'],
      ...(env && { env }),
    });
    return new Measured(child, await portOf(child));
  }

  async usage(): Promise<Usage> {
    const answer = once(this.child, 'message');
    this.child.send('usage');
    const [usage]: Usage[] = await answer;
    if (usage === undefined) throw new Error('the process did not say what it used');
    return usage;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill(signal);
    await closed;
  }
}

/** The sandbox as it is started by hand, on any free port. */
export function startSandbox(args: string[], { quiet = false } = {}): Promise<Measured> {
  const program = '../../src/sandbox/sandbox.cli.js';
  return Measured.start(program, { args: ['--port', '0', ...args], heapMegabytes: SANDBOX_HEAP, quiet });
}

async function portOf(child: ChildProcess): Promise<number> {
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port !== undefined) {
      // What it says later is read by nobody, and must not fill the pipe.
      child.stdout?.resume();
      return Number(port);
    }
  }
  throw new Error(`the process ended without listening: ${said}`);
}
