import { z } from 'zod';
import type { Failure } from '../errors/failure.js';
import type { PaymentMethod } from './payment-method.entity.js';
import type { RetriedInvoice } from './payment-methods.js';

const Card = z.object({ brand: z.string(), last4: z.string(), exp_month: z.int(), exp_year: z.int() });

export const PaymentMethodView = z
  .object({
    id: z.string(),
    object: z.literal('payment_method'),
    type: z.string(),
    card: Card.nullable(),
    customer: z.string().nullable(),
    is_default: z.boolean().meta({ description: "Whether the customer's invoices are paid with it." }),
    created: z.iso.datetime(),
  })
  .meta({ id: 'PaymentMethod' });
export type PaymentMethodView = z.infer<typeof PaymentMethodView>;

const RetriedInvoiceView = z.object({
  invoice: z.string(),
  subscription: z.string().nullable(),
  paid: z.boolean(),
  hosted_invoice_url: z.string().nullable().meta({ description: "Stripe's page on which the customer can pay it." }),
  error: z
    .looseObject({ code: z.string(), detail: z.string() })
    .nullable()
    .meta({ description: 'Why it is not paid; a decline also has decline_code, advice and retryable.' }),
});

export const AttachedPaymentMethodView = PaymentMethodView.extend({
  retried_invoices: z.array(RetriedInvoiceView).meta({
    description:
      'Unpaid invoices whose payment had failed, tried again with this method. It stays attached whatever came of them.',
  }),
}).meta({ id: 'AttachedPaymentMethod' });
export type AttachedPaymentMethodView = z.infer<typeof AttachedPaymentMethodView>;

export const DetachedPaymentMethodView = z
  .object({ id: z.string(), object: z.literal('payment_method'), detached: z.literal(true) })
  .meta({ id: 'DetachedPaymentMethod' });
export type DetachedPaymentMethodView = z.infer<typeof DetachedPaymentMethodView>;

export function paymentMethodView(row: PaymentMethod, defaultMethod: string | null): PaymentMethodView {
  const { id, type, customer, created } = row;
  return {
    id,
    object: 'payment_method',
    type,
    card: cardOf(row),
    customer,
    is_default: id === defaultMethod,
    created: created.toISOString(),
  };
}

export function retriedInvoiceView({ invoice, failure }: RetriedInvoice): z.infer<typeof RetriedInvoiceView> {
  const { id, subscription, hosted_invoice_url } = invoice;
  return { invoice: id, subscription, paid: failure === null, hosted_invoice_url, error: failure && errorOf(failure) };
}

function cardOf({ card_brand, card_last4, card_exp_month, card_exp_year }: PaymentMethod): z.infer<typeof Card> | null {
  if (card_brand === null || card_last4 === null || card_exp_month === null || card_exp_year === null) return null;
  return { brand: card_brand, last4: card_last4, exp_month: card_exp_month, exp_year: card_exp_year };
}

function errorOf(failure: Failure) {
  return { code: failure.code, detail: failure.message, ...failure.extensions };
}
