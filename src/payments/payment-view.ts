import type Stripe from 'stripe';
import { z } from 'zod';
import { adviceFor } from '../stripe/declines.js';
import { ONE_OFF_MARK } from './payment-intent-from-stripe.js';
import type { Payment } from './payment.entity.js';

const amount = z.int().meta({ description: "In the currency's minor unit." });

const NextAction = z.object({
  type: z.string().meta({ description: "Stripe's name of the step, such as redirect_to_url or use_stripe_sdk." }),
  client_secret: z
    .string()
    .nullable()
    .meta({ description: 'For Stripe.js: `stripe.handleNextAction({ clientSecret })`.' }),
  redirect_url: z.string().nullable().meta({ description: 'Where the customer has to go, if anywhere.' }),
});

export const DeclineView = z
  .object({
    code: z.string().nullable(),
    decline_code: z.string().nullable(),
    message: z.string().meta({ description: 'May be shown to the customer.' }),
    advice: z.enum(['try_again', 'other_card', 'authenticate', 'call_bank', 'correct_details']),
    retryable: z.boolean().meta({ description: 'Whether the same card can succeed later.' }),
  })
  .meta({ id: 'Decline' });

export const PaymentView = z
  .object({
    id: z.string(),
    object: z.literal('payment'),
    status: z.string(),
    amount,
    amount_capturable: amount,
    amount_received: amount,
    amount_refunded: amount,
    currency: z.string(),
    customer: z.string().nullable(),
    payment_method: z.string().nullable(),
    order_id: z.string().nullable(),
    capture: z.enum(['automatic', 'manual']),
    next_action: NextAction.nullable().meta({ description: 'What the customer has to do before the payment goes on.' }),
    client_secret: z.string().nullable().meta({ description: 'Only while the client has something left to do.' }),
    last_error: DeclineView.nullable(),
    metadata: z.record(z.string(), z.string()),
    created: z.iso.datetime(),
  })
  .meta({ id: 'Payment' });
export type PaymentView = z.infer<typeof PaymentView>;

const FOR_THE_CLIENT = new Set(['requires_payment_method', 'requires_confirmation', 'requires_action']);

/** @param refunded integer, minor units */
export function paymentView(row: Payment, refunded: number): PaymentView {
  const intent = row.data as Stripe.PaymentIntent;
  const { [ONE_OFF_MARK]: _, order_id: __, ...metadata } = intent.metadata;
  const client_secret = FOR_THE_CLIENT.has(row.status) ? intent.client_secret : null;
  return {
    id: row.id,
    object: 'payment',
    status: row.status,
    amount: row.amount,
    amount_capturable: intent.amount_capturable,
    amount_received: row.amount_received,
    amount_refunded: refunded,
    currency: row.currency,
    customer: row.customer,
    payment_method: row.payment_method,
    order_id: row.order_id,
    capture: intent.capture_method === 'manual' ? 'manual' : 'automatic',
    next_action: intent.next_action && { ...nextActionOf(intent.next_action), client_secret },
    client_secret,
    last_error: intent.last_payment_error && declineOf(intent.last_payment_error),
    metadata,
    created: row.created.toISOString(),
  };
}

function nextActionOf({ type, redirect_to_url }: Stripe.PaymentIntent.NextAction) {
  return { type, redirect_url: redirect_to_url?.url ?? null };
}

function declineOf({ code, decline_code }: Stripe.PaymentIntent.LastPaymentError) {
  return { code: code ?? null, ...adviceFor(code ?? null, decline_code ?? null) };
}
