import { setImmediate } from 'node:timers/promises';
import type { Core } from './core.js';
import { Moments } from './moments.js';
import { nextRelease } from './payments/bookings.js';
import { TestClocks } from './test-clocks.js';

const ROUNDS = 50;
const BACKLOG = 2_000;
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Turns the clock: stops at every moment at which something falls due, here or at a follower, lets it happen, carries
 * the events out, and waits until the followers have settled, before it goes on to the next.
 */
export class Turning {
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  readonly #moments: Moments;
  readonly #testClocks: TestClocks;

  constructor(readonly core: Core) {
    this.#moments = new Moments(core);
    this.#testClocks = new TestClocks(core, this.#moments);
    core.changed = () => {
      this.#arm();
      this.#testClocks.wake();
    };
    core.changed();
  }

  /** `target` and `sync` in milliseconds; `sync`: barriers at most once per that much of the sandbox's time. */
  advance(target: number, sync: number): Promise<number> {
    return this.#alone(async () => {
      let ran = await this.#calm();
      let lastBarrier = this.core.clock.now();
      for (let stop = this.#nextStop(lastBarrier + sync); stop <= target; stop = this.#nextStop(lastBarrier + sync)) {
        if (this.#moments.closed) return ran;
        this.core.clock.turnTo(stop);
        ran += await this.#runDue();
        this.core.deliveries.retry();
        if (this.core.clock.now() - lastBarrier >= sync) {
          ran += await this.#calm();
          lastBarrier = this.core.clock.now();
        }
      }
      if (this.#moments.closed) return ran;
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

  /** What is being turned stops where it is. */
  async close(): Promise<void> {
    this.#moments.closed = true;
    clearTimeout(this.#timer);
    await this.#last.catch(() => undefined);
    await this.#testClocks.idle();
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
    let ran = await this.#runDue();
    for (let round = 0; round < ROUNDS && !this.#moments.closed; round += 1) {
      await this.#testClocks.idle();
      await this.core.deliveries.idle();
      const seq = this.core.events.seq;
      await this.core.followers.barrier();
      ran += await this.#runDue();
      if (this.core.events.seq === seq) break;
    }
    return ran;
  }

  /** Everything due by now; requests are answered and events carried out in between. */
  async #runDue(): Promise<number> {
    let ran = 0;
    for (let some = this.#moments.runNext(); some !== undefined; some = this.#moments.runNext()) {
      ran += some;
      await this.#breathe();
    }
    return ran;
  }

  async #breathe(): Promise<void> {
    await setImmediate();
    if (this.core.deliveries.count().waiting > BACKLOG) await this.core.deliveries.idle();
  }

  /** A ticking clock reaches its moments by itself; what is due now happens now, even if the clock stands. */
  #arm(): void {
    if (this.#moments.closed) return;
    clearTimeout(this.#timer);
    const { schedule, store, clock } = this.core;
    const at = Math.min(schedule.earliest()?.at ?? Infinity, nextRelease(store) ?? Infinity);
    if (at > (clock.mode === 'frozen' ? clock.seconds() : Number.MAX_SAFE_INTEGER)) return;
    const wait = Math.min(LONGEST_TIMER, Math.max(0, at * 1000 - clock.now()));
    this.#timer = setTimeout(() => {
      void this.#alone(() => this.#runDue()).then(() => this.#arm());
    }, wait).unref();
  }
}
