import type { DomainEvent } from '../../events/domain-events.js';

/** What an app reads of an event; `external_id` is its own name for the customer. */
export interface Payload {
  id: string;
  type: string;
  /** When it happened, in business time. */
  timestamp: string;
  customer: string | null;
  external_id: string | null;
  data: object;
}

export const TEST_TYPE = 'webhook_endpoint.test';

export type PublishedEvent = Pick<DomainEvent, 'id' | 'type' | 'customer' | 'object' | 'occurred_at'> & {
  data: object;
};

/** `thin` as Standard Webhooks has it: whose object it is, to be fetched when the app is ready for it. */
export function payloadOf(event: PublishedEvent, external_id: string | null, form: 'full' | 'thin'): Payload {
  const { id, type, occurred_at: timestamp, customer, object } = event;
  return { id, type, timestamp, customer, external_id, data: form === 'thin' ? { id: object } : event.data };
}

/** A message that tries an endpoint out; it tells of nothing. */
export function testPayload(id: string, now: Date): Payload {
  return { id, type: TEST_TYPE, timestamp: now.toISOString(), customer: null, external_id: null, data: {} };
}
