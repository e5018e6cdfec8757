import type Stripe from 'stripe';
import { API_VERSION } from './api-version.js';
import type { Context, Emitted, EventRequest } from './context.js';
import { previousAttributes } from './previous-attributes.js';
import type { NewEvent, State } from './state.js';
import type { Store } from './store.js';

/** Events can be listed for 30 days: https://docs.stripe.com/api/events/list */
export const EVENTS_KEPT_SECONDS = 30 * 86_400;

/** The one event log: every change in the order it happened. */
export class EventLog {
  /** The number of the newest event. */
  seq: number;
  #prunedAt = 0;

  constructor(readonly file: State) {
    this.seq = file.lastEventSeq();
  }

  /** The events of one transaction, numbered. */
  write(context: Context): NewEvent[] {
    return context.emitted.map((emitted) => {
      this.seq += 1;
      const pending = endpointsFor(context.store, emitted.type, emitted.account).length;
      return new ToldEvent(this.seq, emitted, context.wire, context.request, pending);
    });
  }

  /** Once a day of the sandbox's time. */
  prune(now: number): void {
    if (now - this.#prunedAt < 86_400) return;
    this.#prunedAt = now;
    this.file.pruneEvents(now - EVENTS_KEPT_SECONDS);
  }
}

/** The enabled endpoints that asked for this type; those of connected accounts hear of nothing else, and nobody else of them: https://docs.stripe.com/api/webhook_endpoints/object */
export function endpointsFor(store: Store, type: string, account: string): Stripe.WebhookEndpoint[] {
  return store
    .rows('webhook_endpoint')
    .map((row) => row.value)
    .filter(
      ({ id, status, enabled_events }) =>
        status === 'enabled' &&
        asksFor(enabled_events, type) &&
        (store.get('endpoint_fact', id)?.connect ?? false) === (account !== ''),
    );
}

function asksFor(wanted: readonly string[], type: string): boolean {
  return wanted.includes('*') || wanted.includes(type);
}

/** Objects never change in place, so those that it is about can be put into words as late as it is read. */
class ToldEvent implements NewEvent {
  readonly id: string;
  readonly type: string;
  readonly account: string;
  pending: number;
  #spelled: string | undefined;
  #object: object | undefined;
  #before: object | undefined;

  constructor(
    readonly seq: number,
    { id, type, object, before, account }: Emitted,
    readonly created: number,
    readonly request: EventRequest,
    readonly endpoints: number,
  ) {
    this.id = id;
    this.type = type;
    this.account = account;
    this.pending = endpoints;
    this.#object = object;
    this.#before = before;
  }

  get body(): string {
    return this.#spelled ?? JSON.stringify(this.#envelope());
  }

  spell(): string {
    this.#spelled = this.body;
    this.#object = undefined;
    this.#before = undefined;
    return this.#spelled;
  }

  #envelope(): object {
    const [object, before] = [this.#object, this.#before];
    return {
      id: this.id,
      object: 'event',
      // Near the beginning: the state file looks for it there. https://docs.stripe.com/api/events/object#event_object-account
      ...(this.account !== '' && { account: this.account }),
      api_version: API_VERSION,
      created: this.created,
      data: {
        object,
        previous_attributes:
          before === undefined || object === undefined ? undefined : previousAttributes(before, object),
      },
      livemode: false,
      pending_webhooks: this.endpoints,
      request: this.request,
      type: this.type,
    };
  }
}
