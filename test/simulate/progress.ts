import type { World } from './world.js';
import { BEGINNING } from './world.js';

const TTY_GAP_MS = 200;
const LINE_GAP_MS = 5000;

/** How far it is: one line that is rewritten on a terminal, else a line every few seconds. On stderr: stdout is the result's. */
export class Progress {
  private readonly began = performance.now();
  private told = 0;
  private readonly tty = process.stderr.isTTY;

  /** @param done worlds that are over, of `worlds` of the same size */
  constructor(
    private readonly worlds: number,
    private done = 0,
    private events = 0,
  ) {}

  tell(world: World, acts: number, strikes: number, end: Date): void {
    const now = performance.now();
    if (now - this.told < (this.tty ? TTY_GAP_MS : LINE_GAP_MS)) return;
    this.told = now;
    const part = (world.now.getTime() - BEGINNING.getTime()) / (end.getTime() - BEGINNING.getTime());
    const whole = (this.done + part) / this.worlds;
    const elapsed = (now - this.began) / 1000;
    const events = this.events + world.relay.seen.size;
    this.say(
      [
        `seed ${world.order.seed}`,
        ...(this.worlds > 1 ? [`world ${this.done + 1} of ${this.worlds}`] : []),
        `${Math.floor(whole * 100)} %`,
        world.now.toISOString().slice(0, 10),
        `${events} events`,
        `${Math.round(events / elapsed)}/s`,
        `${acts} acts`,
        `${strikes} faults`,
        `${clock((elapsed / Math.max(whole, 0.001)) * (1 - whole))} left`,
      ].join(' · '),
    );
  }

  worldDone(events: number): void {
    this.done++;
    this.events += events;
  }

  /** Ends the rewritten line. */
  close(): void {
    if (this.tty && this.told > 0) process.stderr.write('\r\u001b[K');
  }

  private say(line: string): void {
    process.stderr.write(this.tty ? `\r\u001b[K${line}` : `${line}\n`);
  }
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}
