import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What a row of the inbox needs of an event's body; everything else is read when it is projected. */
export interface Envelope {
  id: string;
  type: string;
  api_version: string | null;
  livemode: boolean;
  object: string | null;
  customer: string | null;
  /** The connected account it comes from, UNNAMED when it does not say which; null: our own. */
  account: string | null;
  /** Stripe's clock. */
  created: Date;
  payload: string;
  /** Why it is kept aside instead of being projected; null: it is fine. */
  quarantine: string | null;
}

/** PostgreSQL's text takes no NUL, and JSON can spell one. */
const Name = z.string().refine((name) => !name.includes('\0'));

/** Where it came in: each endpoint has secrets of its own. */
export type Door = 'platform' | 'connect';

/** In place of an account's id. Whoever holds the connected accounts' secret may not speak for our own account. */
const UNNAMED = 'unnamed';

const whatever = z.unknown().optional();
/** Only what the row needs: to look at each of its members would cost as much as to parse them. */
const Subject = z.object({ id: whatever, object: whatever, customer: whatever });

const Event = z.object({
  id: Name.min(1).max(255),
  type: Name.min(1).max(255),
  api_version: Name.max(64).nullable().optional(),
  account: Name.max(255).nullable().optional(),
  livemode: z.boolean(),
  created: z.int().min(0).max(253_402_300_799),
  data: z.object({ object: Subject }),
});

/** @param body signed bytes. Whatever they hold is kept: Stripe signed it, so losing it would lose an event. */
export function readEnvelope(body: Buffer, livemode: boolean, door: Door = 'platform'): Envelope {
  const payload = storable(body);
  const event = Event.safeParse(parse(payload));
  if (!event.success) return unreadable(body, payload, livemode);
  const { id, type, api_version, created, data } = event.data;
  const account = event.data.account ?? (door === 'connect' ? UNNAMED : null);
  return {
    id,
    type,
    api_version: api_version ?? null,
    livemode: event.data.livemode,
    object: text(data.object.id),
    customer: text(data.object.object === 'customer' ? data.object.id : data.object.customer),
    account,
    created: new Date(created * 1000),
    payload,
    quarantine: quarantineFor(account, event.data.livemode, livemode),
  };
}

/**
 * A connected account's events are never projected, so nothing guards their mode: a live endpoint receives test events too.
 * https://docs.stripe.com/connect/webhooks
 */
function quarantineFor(account: string | null, livemode: boolean, deployment: boolean): string | null {
  if (account === UNNAMED) return 'no connected account is named, at the endpoint for connected accounts';
  if (account !== null || livemode === deployment) return null;
  return `a ${modeOf(livemode)} event in a ${modeOf(deployment)} deployment`;
}

function modeOf(livemode: boolean): string {
  return livemode ? 'live' : 'test';
}

function unreadable(body: Buffer, payload: string, livemode: boolean): Envelope {
  const hash = createHash('sha256').update(body).digest('hex');
  return {
    id: `raw_${hash}`,
    type: 'unreadable',
    api_version: null,
    livemode,
    object: null,
    customer: null,
    account: null,
    created: new Date(),
    payload,
    quarantine: 'signed, but not an event: malformed JSON or fields missing',
  };
}

/** PostgreSQL's text takes neither NUL nor broken UTF-8: such bytes are kept as base64, marked as such. */
function storable(body: Buffer): string {
  return body.includes(0) || !isUtf8(body) ? `base64:${body.toString('base64')}` : body.toString('utf8');
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

function text(value: unknown): string | null {
  return Name.safeParse(value).data ?? null;
}
