import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Usage {
  peak_mb: number;
  cpu_s: number;
}

/**
 * Left alone, Node lets garbage pile up as far as the machine's memory allows. Held to this many megabytes of heap, the
 * sandbox shows what it needs.
 */
const HEAP = 704;

/** A server in a process of its own, so that its memory and its processor time are its own. */
export class Measured {
  constructor(
    readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** `program` is beside this file or relative to it; it prints an address with its port once it listens. */
  static async start(program: string, args: string[] = []): Promise<Measured> {
    const here = import.meta.dirname;
    const node = [`--max-old-space-size=${HEAP}`, '--import', join(here, 'usage.js')];
    const child = spawn(process.execPath, [...node, join(here, program), ...args], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
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

  async stop(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
  }
}

/** The sandbox as it is started by hand, on any free port. */
export function startSandbox(args: string[]): Promise<Measured> {
  return Measured.start('../src/sandbox/sandbox.cli.js', ['--port', '0', ...args]);
}

async function portOf(child: ChildProcess): Promise<number> {
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`the process ended without listening: ${said}`);
}
