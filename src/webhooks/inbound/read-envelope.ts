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
  /** Stripe's clock. */
  created: Date;
  payload: string;
  /** Why it is kept aside instead of being projected; null: it is fine. */
  quarantine: string | null;
}

/** PostgreSQL's text takes no NUL, and JSON can spell one. */
const Name = z.string().refine((name) => !name.includes('\0'));

const Event = z.object({
  id: Name.min(1).max(255),
  type: Name.min(1).max(255),
  api_version: Name.max(64).nullable().optional(),
  livemode: z.boolean(),
  created: z.int().min(0).max(253_402_300_799),
  data: z.object({ object: z.record(z.string(), z.unknown()) }),
});

/** @param body signed bytes. Whatever they hold is kept: Stripe signed it, so losing it would lose an event. */
export function readEnvelope(body: Buffer, livemode: boolean): Envelope {
  const payload = storable(body);
  const event = Event.safeParse(parse(payload));
  if (!event.success) return unreadable(body, payload, livemode);
  const { id, type, api_version, created, data } = event.data;
  const other = event.data.livemode !== livemode;
  return {
    id,
    type,
    api_version: api_version ?? null,
    livemode: event.data.livemode,
    object: text(data.object['id']),
    customer: data.object['object'] === 'customer' ? text(data.object['id']) : text(data.object['customer']),
    created: new Date(created * 1000),
    payload,
    quarantine: other
      ? `a ${event.data.livemode ? 'live' : 'test'} event in a ${livemode ? 'live' : 'test'} deployment`
      : null,
  };
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
    created: new Date(),
    payload,
    quarantine: 'signed, but not an event: malformed JSON or fields missing',
  };
}

/** PostgreSQL's text takes neither NUL nor broken UTF-8: such bytes are kept as base64, marked as such. */
function storable(body: Buffer): string {
  const decoded = body.toString('utf8');
  return decoded.includes('\0') || !Buffer.from(decoded, 'utf8').equals(body)
    ? `base64:${body.toString('base64')}`
    : decoded;
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
