import type { State } from './state.js';

export type ClockMode = 'ticking' | 'frozen';
export interface ClockFace {
  now: string;
  mode: ClockMode;
  step: number;
}

/** The one clock. Ticking: real time moved by an offset; frozen: it stands until it is turned. It never goes back. */
export class Clock {
  #offset = 0;
  #stands = 0;
  /** Counts the barriers, so that followers know which of them they have answered. */
  step = 0;

  constructor(
    readonly mode: ClockMode,
    begin: Date | undefined,
    readonly file: State,
  ) {
    const kept = file.meta('clock');
    if (kept === undefined) {
      this.#set(begin?.getTime() ?? Date.now());
      return;
    }
    const { offset, now, ticking, step } = readClock(kept);
    this.step = step;
    this.#set(ticking ? Date.now() + offset : now);
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.mode === 'ticking' ? Date.now() + this.#offset : this.#stands;
  }

  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  turnTo(milliseconds: number): void {
    if (milliseconds > this.now()) this.#set(milliseconds);
  }

  face(): ClockFace {
    return { now: new Date(this.now()).toISOString(), mode: this.mode, step: this.step };
  }

  save(): void {
    this.file.writeMeta('clock', this.written());
  }

  written(): string {
    return JSON.stringify({ ticking: this.mode === 'ticking', offset: this.#offset, now: this.now(), step: this.step });
  }

  #set(milliseconds: number): void {
    this.#stands = milliseconds;
    this.#offset = milliseconds - Date.now();
  }
}

function readClock(text: string): { offset: number; now: number; ticking: boolean; step: number } {
  return JSON.parse(text);
}
