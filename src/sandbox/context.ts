import type Stripe from 'stripe';
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
}

/** What every rule has in hand while one request, or one due moment, runs: all of it is kept, or none. */
export class Context {
  readonly emitted: Emitted[] = [];
  /** Set by a preview: whatever was changed to find out is undone, and no event told. */
  discarded = false;

  constructor(
    readonly store: Store,
    readonly schedule: Schedule,
    readonly ids: Ids,
    readonly settings: Settings,
    /** Seconds since 1970, by the sandbox's clock. */
    readonly now: number,
    readonly request: EventRequest,
    /** Where this sandbox is reached, for the pages it hands out. */
    readonly url: string,
  ) {}

  /** Tells of a change; `before` is the object as it was, for an `*.updated` event. */
  emit<T extends EventType>(type: T, object: EventObject<T>, before?: EventObject<T>): void {
    this.emitAt(this.emitted.length, type, object, before);
  }

  /** At an earlier place: a thing that comes to be is told before what followed from it, yet as it is in the end. */
  emitAt<T extends EventType>(place: number, type: T, object: EventObject<T>, before?: EventObject<T>): void {
    this.emitted.splice(place, 0, { id: this.ids.next('evt', 24), type, object, before });
  }
}
