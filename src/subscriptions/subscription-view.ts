import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { Price } from '../catalog/price.entity.js';
import { externalIdsOf } from '../customers/customer-ids.js';
import type { NextAction } from './invoice-payments.js';
import { mainItem } from './subscription-changes.js';
import type { Subscription } from './subscription.entity.js';

const moment = z.iso.datetime();

const ItemView = z.object({
  id: z.string(),
  price: z.string(),
  product: z.string(),
  plan: z.string().nullable(),
  quantity: z.int(),
  current_period_start: moment,
  current_period_end: moment,
});

const NextActionView = z
  .object({
    type: z.string().meta({
      description: "Stripe's type of next action (`use_stripe_sdk`, `redirect_to_url`, …), or the payment's status.",
    }),
    client_secret: z
      .string()
      .nullable()
      .meta({ description: 'For Stripe.js: `stripe.handleNextAction({ clientSecret })`.' }),
    hosted_invoice_url: z
      .string()
      .nullable()
      .meta({ description: "Stripe's own page on which the customer can finish it." }),
    payment: z.string(),
  })
  .meta({ id: 'SubscriptionNextAction' });

export const SubscriptionView = z
  .object({
    id: z.string(),
    object: z.literal('subscription'),
    customer: z.string(),
    external_id: z.string().nullable(),
    status: z
      .string()
      .meta({ description: 'incomplete, incomplete_expired, trialing, active, past_due, canceled, unpaid or paused.' }),
    plan: z.string().nullable().meta({ description: 'Of the catalogue; null when it knows none of the prices.' }),
    interval: z.string().nullable(),
    currency: z.string(),
    quantity: z.int(),
    items: z.array(ItemView),
    current_period_start: moment,
    current_period_end: moment,
    trial_end: moment.nullable(),
    cancel_at: moment.nullable().meta({ description: 'When it will end, however that was scheduled.' }),
    cancel_at_period_end: z.boolean(),
    canceled_at: moment.nullable(),
    ended_at: moment.nullable(),
    latest_invoice: z.string().nullable(),
    next_action: NextActionView.nullable().meta({
      description:
        'What is left to do for the customer while it is incomplete; null in lists, which do not ask Stripe.',
    }),
    created: moment,
  })
  .meta({ id: 'Subscription' });
export type SubscriptionView = z.infer<typeof SubscriptionView>;

/** In the order of `rows`, with two queries however many there are. */
export async function subscriptionViews(
  em: EntityManager,
  rows: Subscription[],
  next_action: NextAction | null = null,
): Promise<SubscriptionView[]> {
  const externalIds = await externalIdsOf(
    em,
    rows.map(({ customer }) => customer),
  );
  const prices = await em.find(Price, { id: { $in: rows.flatMap((row) => mainItem(row)?.price ?? []) } });
  const intervals = new Map(prices.map(({ id, recurring_interval }) => [id, recurring_interval]));
  return rows.map((row) => {
    const main = mainItem(row);
    return {
      id: row.id,
      object: 'subscription',
      customer: row.customer,
      external_id: externalIds.get(row.customer) ?? null,
      status: row.status,
      plan: row.plan,
      interval: intervals.get(main?.price ?? '') ?? null,
      currency: row.currency,
      quantity: main?.quantity ?? 0,
      items: row.items,
      current_period_start: row.current_period_start.toISOString(),
      current_period_end: row.current_period_end.toISOString(),
      trial_end: iso(row.trial_end),
      cancel_at: iso(row.cancel_at),
      cancel_at_period_end: row.cancel_at_period_end,
      canceled_at: iso(row.canceled_at),
      ended_at: iso(row.ended_at),
      latest_invoice: row.latest_invoice,
      next_action,
      created: row.created.toISOString(),
    };
  });
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
