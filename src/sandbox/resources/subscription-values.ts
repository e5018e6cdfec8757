import type Stripe from 'stripe';
import { pendingInterval } from '../billing/pending-interval.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { mergeMetadata, type Values } from '../params.js';
import { taxRatesOf } from './tax-rates.js';
import type { sharedFields } from './subscription-fields.js';

export const billingMode = p.hash({
  type: p.needed(p.oneOf('classic', 'flexible')),
  flexible: p.hash({ proration_discounts: p.oneOf('included') }),
});

/** https://docs.stripe.com/billing/subscriptions/billing-mode: discounts are part of prorations, never lines of their own */
export function modeOf({ type, flexible }: ReturnType<typeof billingMode.read>): Stripe.Subscription['billing_mode'] {
  if (type === 'flexible') return { type, flexible: { proration_discounts: 'included', ...flexible } };
  if (flexible !== undefined)
    throw invalid('`billing_mode[flexible]` needs `billing_mode[type]=flexible`.', { param: 'billing_mode[flexible]' });
  return { type, flexible: null };
}

/** What is only noted on the subscription, of a create or an update (`before`: undefined at a create). */
export function fieldsOf(
  context: Context,
  before: Stripe.Subscription | undefined,
  params: Values<typeof sharedFields> & { customer?: string },
): Partial<Stripe.Subscription> {
  const { collection_method, days_until_due, default_payment_method, description, payment_settings, trial_settings } =
    params;
  const customer = idOf(before?.customer) ?? params.customer ?? '';
  if (typeof default_payment_method === 'string') refuseForeign(context, default_payment_method, customer);
  if (collection_method === 'send_invoice' && days_until_due === undefined && (before?.days_until_due ?? null) === null)
    throw invalid('If you set `collection_method` to `send_invoice`, you must also set `days_until_due`.', {
      param: 'days_until_due',
    });
  return {
    ...(collection_method !== undefined && { collection_method }),
    ...(days_until_due !== undefined && { days_until_due }),
    ...(default_payment_method !== undefined && { default_payment_method }),
    ...(params.default_tax_rates !== undefined && {
      default_tax_rates: taxRatesOf(context, params.default_tax_rates, 'default_tax_rates'),
    }),
    ...(description !== undefined && { description }),
    ...(payment_settings !== undefined && {
      payment_settings: {
        payment_method_options: null,
        payment_method_types: null,
        save_default_payment_method: 'off',
        ...before?.payment_settings,
        ...payment_settings,
      },
    }),
    ...(params.pending_invoice_item_interval !== undefined &&
      pendingInterval(context, params.pending_invoice_item_interval)),
    ...(trial_settings !== undefined && {
      trial_settings: { end_behavior: { billing_cycle_anchor: null, ...trial_settings.end_behavior } },
    }),
    metadata: mergeMetadata(before?.metadata ?? {}, params.metadata),
  };
}

function refuseForeign(context: Context, method: string, customer: string): void {
  const found = find(context, 'payment_method', method, 'default_payment_method');
  if (idOf(found.customer) !== customer)
    throw invalid(
      `The customer does not have a payment method with the ID ${method}. The payment method must be attached to the customer.`,
      { code: 'resource_missing', param: 'default_payment_method' },
    );
}
