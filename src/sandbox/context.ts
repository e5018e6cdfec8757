import type Stripe from 'stripe';
import { clockOf } from './clock-of.js';
import { invalid } from './errors.js';
import type { Ids } from './ids.js';
import type { Schedule } from './schedule.js';
import type { Settings } from './settings.js';
import type { Store } from './store.js';

export type EventType = Stripe.Event['type'];
export type EventObject<T extends EventType> = Extract<Stripe.Event, { type: T }>['data']['object'];
/** The request that caused an event; both null for what the clock caused. */
export interface EventRequest {
  id: string | null;
  idempotency_key: string | null;
}
export interface Emitted {
  id: string;
  type: EventType;
  object: object;
  before: object | undefined;
  /** As `Store.account` has it. */
  account: string;
}

/** What every rule has in hand while one request, or one due moment, runs: all of it is kept, or none. */
export class Context {
  readonly emitted: Emitted[] = [];
  /** Set by a preview: whatever was changed to find out is undone, and no event told. */
  discarded = false;
  /** Seconds since 1970, by the clock that the objects in hand belong to: a test clock, or the sandbox's own. */
  now: number;

  constructor(
    readonly store: Store,
    readonly schedule: Schedule,
    readonly ids: Ids,
    readonly settings: Settings,
    /**
     * Seconds since 1970, by the sandbox's own clock. Payments and events are told in it even where a test clock runs
     * what they are for: https://github.com/stripe/stripe-python/issues/1183
     */
    readonly wire: number,
    readonly request: EventRequest,
    /** Where this sandbox is reached, for the pages it hands out. */
    readonly url: string,
  ) {
    this.now = wire;
  }

  /**
   * Goes by the test clock that the first of these ids belongs to. While it advances nothing of it can be changed:
   * https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage
   */
  enter(ids: readonly string[], changes: boolean): void {
    const id = ids.map((one) => clockOf(this.store, one)).find((clock) => clock !== null) ?? null;
    const clock = id === null ? undefined : this.store.get('test_clock', id);
    if (clock === undefined) return;
    if (changes && clock.status === 'advancing')
      throw invalid(`Test clock advancement underway: ${clock.id} must be ready before anything of it can be changed.`);
    this.now = clock.frozen_time;
  }

  /** Looks at what would come of this: its changes are undone, and its events never told. */
  imagine<R>(work: () => R): R {
    const { now } = this;
    const mark = this.store.mark();
    const told = this.emitted.length;
    try {
      return work();
    } finally {
      this.store.rollbackTo(mark);
      this.emitted.length = told;
      this.now = now;
    }
  }

  /** Tells of a change; `before` is the object as it was, for an `*.updated` event. */
  emit<T extends EventType>(type: T, object: EventObject<T>, before?: EventObject<T>): void {
    this.emitAt(this.emitted.length, type, object, before);
  }

  /** At an earlier place: a thing that comes to be is told before what followed from it, yet as it is in the end. */
  emitAt<T extends EventType>(place: number, type: T, object: EventObject<T>, before?: EventObject<T>): void {
    const { account } = this.store;
    this.emitted.splice(place, 0, { id: this.ids.next('evt', 24), type, object, before, account });
  }
}
