import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { PINNED_API_VERSION } from '../../src/stripe/api-version.js';

export interface EventFields {
  id?: string;
  type: string;
  /** Seconds. */
  created: number;
  object: object;
  previous_attributes?: object;
  api_version?: string | null;
  livemode?: boolean;
}

/** The bytes of an event as Stripe sends them. */
export function eventBody({
  id,
  type,
  created,
  object,
  previous_attributes,
  api_version,
  livemode,
}: EventFields): string {
  return JSON.stringify({
    id: id ?? `evt_${randomUUID().replaceAll('-', '')}`,
    object: 'event',
    api_version: api_version === undefined ? PINNED_API_VERSION : api_version,
    created,
    data: { object, ...(previous_attributes && { previous_attributes }) },
    livemode: livemode ?? false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  });
}

export function signed(
  payload: string,
  secret: string,
  timestamp = Math.floor(Date.now() / 1000),
): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }),
  };
}
