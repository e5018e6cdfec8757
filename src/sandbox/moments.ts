import { DUE, type DueKind } from './billing/due.js';
import type { Context } from './context.js';
import type { Core } from './core.js';
import { faultOf } from './errors.js';
import { nextRelease, release } from './payments/bookings.js';
import type { Due } from './objects.js';

const BY_THE_CLOCK = { id: null, idempotency_key: null };

/** So many things at most in one transaction: thousands may fall due at the same moment. */
const SLICE = 64;

/** Lets what is due happen: each moment in its own time, in order, a slice of it in one transaction. */
export class Moments {
  closed = false;

  constructor(readonly core: Core) {}

  /**
   * The next slice of what is due by now on the sandbox's own clock; answers how many things there were, or
   * undefined if nothing is due.
   */
  runNext(): number | undefined {
    const at = this.next(null, this.core.clock.seconds());
    if (at !== undefined) return this.run(null, at);
    this.#releaseMoney();
    return undefined;
  }

  #releaseMoney(): void {
    const next = () => (this.closed ? undefined : nextRelease(this.core.store));
    for (let day = next(); day !== undefined && day <= this.core.clock.seconds(); day = next()) {
      const at = day;
      this.core.transact(BY_THE_CLOCK, (context) => release(context, at), at);
    }
  }

  /** The next moment of this clock at which something is due, if there is one until then; seconds. */
  next(clock: string | null, until: number): number | undefined {
    const due = this.closed ? undefined : this.core.schedule.earliest(clock);
    return due !== undefined && due.at <= until ? due.at : undefined;
  }

  run(clock: string | null, at: number): number {
    try {
      return this.#transact(clock, at, (context) => this.#runAll(context, clock, at));
    } catch (error) {
      return this.#runEach(clock, at, error);
    }
  }

  /** One of them fails by a fault of ours: the others go on, the failed one is named and dropped. */
  #runEach(clock: string | null, at: number, cause: unknown): number {
    const { log, schedule } = this.core;
    log({ msg: 'a due moment failed; running its parts one by one', at, error: faultOf(cause).stack });
    let ran = 0;
    for (let due = schedule.earliest(clock); due?.at === at && ran < SLICE; due = schedule.earliest(clock)) {
      const one = due;
      try {
        this.#transact(clock, at, (context) => runOne(context, one));
        ran += 1;
      } catch (error) {
        log({ msg: 'what was due failed', due: one, error: faultOf(error).stack });
        this.#transact(clock, at, (context) => context.schedule.clear(one.kind, one.target));
      }
    }
    return ran;
  }

  #runAll(context: Context, clock: string | null, at: number): number {
    let ran = 0;
    const next = () => context.schedule.earliest(clock);
    for (let due = next(); due !== undefined && due.at <= at && ran < SLICE; due = next()) {
      runOne(context, due);
      ran += 1;
    }
    return ran;
  }

  #transact<R>(clock: string | null, at: number, work: (context: Context) => R): R {
    const inTime = (context: Context) => {
      context.now = at;
      return work(context);
    };
    return this.core.transact(BY_THE_CLOCK, inTime, clock === null ? at : undefined);
  }
}

function runOne(context: Context, due: Due): void {
  context.schedule.clear(due.kind, due.target);
  const { kind } = due;
  if (isDueKind(kind)) context.store.inAccount(due.account ?? '', () => DUE[kind](context, due.target));
}

function isDueKind(kind: string): kind is DueKind {
  return Object.hasOwn(DUE, kind);
}
