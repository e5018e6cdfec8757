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

export function payloadOf(event: DomainEvent, external_id: string | null): Payload {
  const { id, type, occurred_at: timestamp, customer, data } = event;
  return { id, type, timestamp, customer, external_id, data };
}

/** A message that tries an endpoint out; it tells of nothing. */
export function testPayload(id: string, now: Date): Payload {
  return { id, type: TEST_TYPE, timestamp: now.toISOString(), customer: null, external_id: null, data: {} };
}
