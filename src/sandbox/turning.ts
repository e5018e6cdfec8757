import { setImmediate } from 'node:timers/promises';
import { DUE, type DueKind } from './billing/due.js';
import type { Context } from './context.js';
import type { Core } from './core.js';
import { faultOf } from './errors.js';
import type { Due } from './objects.js';

const ROUNDS = 50;
const BACKLOG = 2_000;
const LONGEST_TIMER = 2 ** 31 - 1;
const BY_THE_CLOCK = { id: null, idempotency_key: null };

/**
 * Turns the clock: stops at every moment at which something falls due, here or at a follower, lets it happen, carries
 * the events out, and waits until the followers have settled, before it goes on to the next.
 */
export class Turning {
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(readonly core: Core) {
    core.changed = () => this.#arm();
    this.#arm();
  }

  /** `target` and `sync` in milliseconds; `sync`: barriers at most once per that much of the sandbox's time. */
  advance(target: number, sync: number): Promise<number> {
    return this.#alone(async () => {
      let ran = await this.#calm();
      let lastBarrier = this.core.clock.now();
      for (let stop = this.#nextStop(lastBarrier + sync); stop <= target; stop = this.#nextStop(lastBarrier + sync)) {
        this.core.clock.turnTo(stop);
        ran += this.#runDue();
        this.core.deliveries.retry();
        if (this.core.clock.now() - lastBarrier >= sync) {
          ran += await this.#calm();
          lastBarrier = this.core.clock.now();
        } else await this.#breathe();
      }
      this.core.clock.turnTo(target);
      this.core.deliveries.retry();
      return ran + (await this.#calm());
    });
  }

  /** Delivers what is pending and lets the followers settle, without moving the clock. */
  settle(): Promise<number> {
    return this.#alone(() => {
      this.core.deliveries.retry(true);
      return this.#calm();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#last.catch(() => undefined);
  }

  /** One at a time. */
  #alone<R>(work: () => Promise<R>): Promise<R> {
    const mine = this.#last.then(work, work);
    this.#last = mine;
    return mine;
  }

  #nextStop(followersFrom: number): number {
    const { schedule, followers, deliveries, clock } = this.core;
    const due = schedule.earliest();
    const follower = followers.nextDue() ?? Infinity;
    return Math.min(
      due === undefined ? Infinity : due.at * 1000,
      // What a follower had to do by now it had its chance to do at the last barrier.
      follower > clock.now() ? Math.max(follower, followersFrom) : Infinity,
      deliveries.nextRetry() ?? Infinity,
    );
  }

  /** Delivers and holds the barrier until nothing new arises. */
  async #calm(): Promise<number> {
    let ran = this.#runDue();
    for (let round = 0; round < ROUNDS && !this.#closed; round += 1) {
      await this.core.deliveries.idle();
      const seq = this.core.events.seq;
      await this.core.followers.barrier();
      ran += this.#runDue();
      if (this.core.events.seq === seq) break;
    }
    return ran;
  }

  async #breathe(): Promise<void> {
    await setImmediate();
    if (this.core.deliveries.count().waiting > BACKLOG) await this.core.deliveries.idle();
  }

  /** Everything due by now, each moment in one transaction and in its own time. */
  #runDue(): number {
    let ran = 0;
    for (let due = this.core.schedule.earliest(); this.#isDue(due); due = this.core.schedule.earliest())
      ran += this.#runMoment(due.at);
    return ran;
  }

  #isDue(due: Due | undefined): due is Due {
    return !this.#closed && due !== undefined && due.at <= this.core.clock.seconds();
  }

  #runMoment(at: number): number {
    try {
      return this.core.transact(BY_THE_CLOCK, (context) => runAll(context, at), at);
    } catch (error) {
      return this.#runEach(at, error);
    }
  }

  /** One of them fails by a fault of ours: the others go on, the failed one is named and dropped. */
  #runEach(at: number, cause: unknown): number {
    this.core.log({ msg: 'a due moment failed; running its parts one by one', at, error: faultOf(cause).stack });
    let ran = 0;
    for (let due = this.core.schedule.earliest(); due?.at === at; due = this.core.schedule.earliest()) {
      const one = due;
      try {
        this.core.transact(BY_THE_CLOCK, (context) => runOne(context, one), at);
        ran += 1;
      } catch (error) {
        this.core.log({ msg: 'what was due failed', due: one, error: faultOf(error).stack });
        this.core.transact(BY_THE_CLOCK, (context) => context.schedule.clear(one.kind, one.target), at);
      }
    }
    return ran;
  }

  /** A ticking clock reaches its moments by itself. */
  #arm(): void {
    if (this.core.clock.mode !== 'ticking' || this.#closed) return;
    clearTimeout(this.#timer);
    const due = this.core.schedule.earliest();
    if (due === undefined) return;
    const wait = Math.min(LONGEST_TIMER, Math.max(0, due.at * 1000 - this.core.clock.now()));
    this.#timer = setTimeout(() => {
      void this.#alone(async () => this.#runDue()).then(() => this.#arm());
    }, wait).unref();
  }
}

function runAll(context: Context, at: number): number {
  let ran = 0;
  for (let due = context.schedule.earliest(); due !== undefined && due.at <= at; due = context.schedule.earliest()) {
    runOne(context, due);
    ran += 1;
  }
  return ran;
}

function runOne(context: Context, due: Due): void {
  context.schedule.clear(due.kind, due.target);
  if (isDueKind(due.kind)) DUE[due.kind](context, due.target);
}

function isDueKind(kind: string): kind is DueKind {
  return Object.hasOwn(DUE, kind);
}
