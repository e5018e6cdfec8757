import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { OpenInvoice, SubscriptionFacts } from './verdict.js';

/** Moments come as text out of raw SQL. */
type Raw<T> = { [K in keyof T]: Date extends T[K] ? (null extends T[K] ? string | null : string) : T[K] };

interface RawFacts extends Raw<Omit<SubscriptionFacts, 'plans' | 'open_invoices'>> {
  customer: string;
  plans: Array<string | null> | null;
  open_invoices: Array<Raw<OpenInvoice>> | null;
}

/**
 * What the mirror knows of these customers' subscriptions, in one round trip. An item's plan is its price's as that is now;
 * until the price has been mirrored, as it was in the subscription.
 */
export async function readFacts(em: EntityManager, customers: string[]): Promise<Map<string, SubscriptionFacts[]>> {
  const { rows } = await sql<RawFacts>`
    select s.id, s.customer, case when s.deleted then 'canceled' else s.status end as status,
      s.current_period_start, s.current_period_end, s.trial_end, s.cancel_at, s.ended_at, s.cancellation_reason, s.created, s.cause,
      (
        select json_agg(coalesce(p.plan, item.data->>'plan') order by item.position)
        from json_array_elements(s.items) with ordinality as item (data, position)
        left join prices p on p.id = item.data->>'price'
      ) as plans,
      case when s.status = 'past_due' then (
        select json_agg(json_build_object('id', i.id, 'finalized_at', i.finalized_at, 'next_payment_attempt', i.next_payment_attempt,
          'amount_remaining', i.amount_remaining, 'currency', i.currency))
        from invoices i
        where i.subscription = s.id and i.status = 'open' and i.amount_remaining > 0 and i.finalized_at is not null and not i.deleted
      ) end as open_invoices
    from subscriptions s
    where s.customer = any(${customers}::text[])`.execute(em.getKysely());
  return new Map(
    [...Map.groupBy(rows, (row) => row.customer)].map(([customer, mine]) => [customer, mine.map(factsOf)]),
  );
}

function factsOf({ customer: _, ...raw }: RawFacts): SubscriptionFacts {
  return {
    ...raw,
    plans: raw.plans ?? [],
    current_period_start: new Date(raw.current_period_start),
    current_period_end: new Date(raw.current_period_end),
    trial_end: moment(raw.trial_end),
    cancel_at: moment(raw.cancel_at),
    ended_at: moment(raw.ended_at),
    created: new Date(raw.created),
    open_invoices: (raw.open_invoices ?? []).map((invoice) => ({
      ...invoice,
      finalized_at: new Date(invoice.finalized_at),
      next_payment_attempt: moment(invoice.next_payment_attempt),
    })),
  };
}

function moment(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
