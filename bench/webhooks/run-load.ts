import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Order {
  port: number;
  path: string;
  secret: string;
  file: string;
  /** The first of the file's events that is sent. */
  from: number;
  count: number;
  connections: number;
}

export interface Outcome {
  /** The first request, in milliseconds since 1970. */
  began_at: number;
  /** Until the last answer. */
  seconds: number;
  p50_ms: number;
  p99_ms: number;
}

/** Has a client of its own process send the events. @throws Error when one was answered by anything but 200 */
export async function runLoad(order: Order): Promise<Outcome> {
  const program = join(import.meta.dirname, 'load.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(order)]);
  return JSON.parse(stdout);
}
