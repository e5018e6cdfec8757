import type Stripe from 'stripe';
import { API_VERSION } from './api-version.js';
import type { Context, Emitted } from './context.js';
import { previousAttributes } from './previous-attributes.js';
import type { StateFile, StoredEvent } from './state-file.js';
import type { Store } from './store.js';

/** Events can be listed for 30 days: https://docs.stripe.com/api/events/list */
export const EVENTS_KEPT_SECONDS = 30 * 86_400;

/** The one event log: every change in the order it happened. */
export class EventLog {
  /** The number of the newest event. */
  seq: number;
  #prunedAt = 0;

  constructor(readonly file: StateFile) {
    this.seq = file.lastEventSeq();
  }

  /** The events of one transaction as they are kept and sent; numbered when they are. */
  write(context: Context): StoredEvent[] {
    return context.emitted.map((emitted) => {
      this.seq += 1;
      const pending = endpointsFor(context.store, emitted.type, emitted.account).length;
      const body = JSON.stringify(envelope(context, emitted, pending));
      return { seq: this.seq, id: emitted.id, type: emitted.type, created: context.wire, body, pending };
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

/** Whose event this is. */
export function accountOf(body: string): string {
  return /^\{"id":"[^"]*","object":"event","account":"([^"]*)"/.exec(body)?.[1] ?? '';
}

function asksFor(wanted: readonly string[], type: string): boolean {
  return wanted.includes('*') || wanted.includes(type);
}

function envelope(context: Context, { id, type, object, before, account }: Emitted, pending: number): object {
  const previous_attributes = before === undefined ? undefined : previousAttributes(before, object);
  return {
    id,
    object: 'event',
    // Near the beginning: the event log looks for it there. https://docs.stripe.com/api/events/object#event_object-account
    ...(account !== '' && { account }),
    api_version: API_VERSION,
    created: context.wire,
    data: { object, previous_attributes },
    livemode: false,
    pending_webhooks: pending,
    request: context.request,
    type,
  };
}
