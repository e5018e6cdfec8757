import { Inject, Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { z } from 'zod';
import type { Runtime } from '../../config/runtime.js';
import { ENV } from '../database/env.token.js';
import { Transactions } from '../database/transactions.js';
import { StripeApi } from '../stripe/stripe-api.js';
import { StripeObjectMissing } from '../stripe/stripe.errors.js';
import { InboundEvent } from '../webhooks/inbound/inbound-event.entity.js';
import { Inbox } from '../webhooks/inbound/inbox.js';
import { readEnvelope } from '../webhooks/inbound/read-envelope.js';
import type { Envelope } from '../webhooks/inbound/read-envelope.js';
import type { Finding, Step } from './finding.js';
import type { Reconciliation } from './reconciliation.entity.js';

/** Stripe's most. */
const PAGE = 100;

const Cursor = z.object({ after: z.string() });

/** Finds events that were never delivered, and puts them into the inbox as if they had been. */
@Injectable()
export class MissedEvents {
  constructor(
    private readonly api: StripeApi,
    @Inject(ENV) private readonly env: Runtime,
    private readonly inbox: Inbox,
    private readonly transactions: Transactions,
  ) {}

  /** One page of Stripe's list. */
  async step({ from, to, cursor, dry_run }: Reconciliation): Promise<Step> {
    const { data, has_more } = await this.page(from, to, cursor === null ? null : Cursor.parse(cursor).after);
    const unknown = await this.unknownOf(data);
    // Stripe lists the newest first; in their order they cost the projector fewer requests.
    const missed = unknown.toReversed().map((event) => this.envelopeOf(event));
    const last = data.at(-1);
    return {
      checked: data.length,
      findings: missed.map((envelope) => findingOf(envelope, dry_run)),
      repair: async () => {
        if (!dry_run) await Promise.all(missed.map((envelope) => this.inbox.store(envelope)));
      },
      next: has_more && last ? { after: last.id } : null,
    };
  }

  private async page(from: Date | null, to: Date | null, after: string | null) {
    const created = { ...(from && { gte: seconds(from) }), ...(to && { lte: seconds(to) }) };
    try {
      const answer = await this.api.read(
        (stripe) => stripe.events.list({ limit: PAGE, created, ...(after !== null && { starting_after: after }) }),
        'background',
      );
      return answer.object;
    } catch (error) {
      // The event we stood at has grown too old for Stripe's list since, and so has all that comes after it.
      if (after !== null && error instanceof StripeObjectMissing) return { data: [], has_more: false };
      throw error;
    }
  }

  private async unknownOf(events: Stripe.Event[]): Promise<Stripe.Event[]> {
    const ids = events.map(({ id }) => id);
    const rows = await this.transactions.reader().find(InboundEvent, { id: { $in: ids } }, { fields: ['id'] });
    const known = new Set(rows.map(({ id }) => id));
    return events.filter(({ id }) => !known.has(id));
  }

  private envelopeOf(event: Stripe.Event): Envelope {
    return readEnvelope(Buffer.from(JSON.stringify(event)), this.env.stripe.mode === 'live');
  }
}

function findingOf({ id, type, created, customer }: Envelope, dryRun: boolean): Finding {
  return {
    class: 'missed_event',
    object_type: 'event',
    object_id: id,
    customer,
    detail: { type, created: created.toISOString() },
    takes_access: false,
    repair: dryRun ? 'dry_run' : 'repaired',
  };
}

function seconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
