import type Stripe from 'stripe';
import { z } from 'zod';
import type { Refund } from './refund.entity.js';

export const RefundView = z
  .object({
    id: z.string(),
    object: z.literal('refund'),
    payment: z.string().nullable(),
    customer: z.string().nullable(),
    amount: z.int().meta({ description: "In the currency's minor unit." }),
    currency: z.string(),
    status: z.string().nullable().meta({ description: 'pending, requires_action, succeeded, failed or canceled' }),
    reason: z.string().nullable(),
    failure_reason: z.string().nullable(),
    created: z.iso.datetime(),
  })
  .meta({ id: 'Refund' });
export type RefundView = z.infer<typeof RefundView>;

export function refundView(row: Refund): RefundView {
  const { id, payment_intent, customer, amount, currency, status, reason, created } = row;
  const failure_reason = (row.data as Stripe.Refund).failure_reason ?? null;
  return {
    id,
    object: 'refund',
    payment: payment_intent,
    customer,
    amount,
    currency,
    status,
    reason,
    failure_reason,
    created: created.toISOString(),
  };
}
