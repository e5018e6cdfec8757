import type Stripe from 'stripe';
import type { Context } from './context.js';
import { intentOf } from './billing/invoices.js';
import type { ObjectType } from './objects.js';
import { answer, pageOf } from './list.js';
import { intentFact } from './payments/intent-fact.js';

/** Which field of which object holds an id that can be expanded, and to what. */
export const EXPANDABLE = new Map<string, ObjectType[]>(
  Object.entries({
    'balance_transaction source': ['charge', 'refund', 'dispute'],
    'dispute charge': ['charge'],
    'dispute payment_intent': ['payment_intent'],
    'dispute evidence.cancellation_policy': ['file'],
    'dispute evidence.customer_communication': ['file'],
    'dispute evidence.customer_signature': ['file'],
    'dispute evidence.duplicate_charge_documentation': ['file'],
    'dispute evidence.receipt': ['file'],
    'dispute evidence.refund_policy': ['file'],
    'dispute evidence.service_documentation': ['file'],
    'dispute evidence.shipping_documentation': ['file'],
    'dispute evidence.uncategorized_file': ['file'],
    'mandate payment_method': ['payment_method'],
    'radar.early_fraud_warning charge': ['charge'],
    'radar.early_fraud_warning payment_intent': ['payment_intent'],
    'billing_portal.session configuration': ['billing_portal_configuration'],
    'bank_account account': ['account'],
    'capability account': ['account'],
    'card account': ['account'],
    'charge balance_transaction': ['balance_transaction'],
    'charge failure_balance_transaction': ['balance_transaction'],
    'charge payment_method_details.us_bank_account.mandate': ['mandate'],
    'charge customer': ['customer', 'deleted_customer'],
    'charge payment_intent': ['payment_intent'],
    'customer_balance_transaction credit_note': ['credit_note'],
    'customer_balance_transaction customer': ['customer'],
    'customer_balance_transaction invoice': ['invoice'],
    'credit_note customer': ['customer', 'deleted_customer'],
    'credit_note customer_balance_transaction': ['customer_balance_transaction'],
    'credit_note invoice': ['invoice'],
    'credit_note refunds.refund': ['refund'],
    'subscription_schedule customer': ['customer', 'deleted_customer'],
    'subscription_schedule subscription': ['subscription'],
    'subscription_schedule test_clock': ['test_clock'],
    'discount promotion_code': ['promotion_code'],
    'discount source.coupon': ['coupon'],
    'customer test_clock': ['test_clock'],
    'checkout.session customer': ['customer', 'deleted_customer'],
    'checkout.session invoice': ['invoice'],
    'checkout.session payment_intent': ['payment_intent'],
    'checkout.session setup_intent': ['setup_intent'],
    'checkout.session subscription': ['subscription'],
    'customer invoice_settings.default_payment_method': ['payment_method'],
    'invoice discounts': ['discount'],
    'entitlements.active_entitlement feature': ['feature'],
    'invoice customer': ['customer', 'deleted_customer'],
    'invoice default_payment_method': ['payment_method'],
    'invoice test_clock': ['test_clock'],
    'invoice parent.subscription_details.subscription': ['subscription'],
    'invoice_payment invoice': ['invoice'],
    'invoice_payment payment.payment_intent': ['payment_intent'],
    'invoiceitem discounts': ['discount'],
    'invoiceitem customer': ['customer', 'deleted_customer'],
    'invoiceitem test_clock': ['test_clock'],
    'invoiceitem invoice': ['invoice'],
    'line_item discounts': ['discount'],
    'line_item pricing.price_details.price': ['price'],
    'line_item subscription': ['subscription'],
    'payment_intent customer': ['customer', 'deleted_customer'],
    'payment_intent latest_charge': ['charge'],
    'payment_intent payment_method': ['payment_method'],
    'payment_method customer': ['customer'],
    'person verification.additional_document.back': ['file'],
    'person verification.additional_document.front': ['file'],
    'person verification.document.back': ['file'],
    'person verification.document.front': ['file'],
    'plan product': ['product'],
    'price product': ['product'],
    'product default_price': ['price'],
    'refund balance_transaction': ['balance_transaction'],
    'refund failure_balance_transaction': ['balance_transaction'],
    'refund charge': ['charge'],
    'refund customer': ['customer', 'deleted_customer'],
    'refund payment_method': ['payment_method'],
    'refund payment_intent': ['payment_intent'],
    'setup_attempt customer': ['customer', 'deleted_customer'],
    'setup_attempt payment_method': ['payment_method'],
    'setup_attempt setup_intent': ['setup_intent'],
    'setup_intent customer': ['customer', 'deleted_customer'],
    'setup_intent latest_attempt': ['setup_attempt'],
    'setup_intent mandate': ['mandate'],
    'setup_intent payment_method': ['payment_method'],
    'tax_id customer': ['customer'],
    'tax_id owner.customer': ['customer'],
    'promotion_code customer': ['customer', 'deleted_customer'],
    'promotion_code promotion.coupon': ['coupon'],
    'subscription discounts': ['discount'],
    'subscription_item discounts': ['discount'],
    'subscription customer': ['customer', 'deleted_customer'],
    'subscription default_payment_method': ['payment_method'],
    'subscription latest_invoice': ['invoice'],
    'subscription schedule': ['subscription_schedule'],
    'subscription test_clock': ['test_clock'],
    'subscription pending_setup_intent': ['setup_intent'],
  }),
);

/** Can be expanded too, yet hold nothing here: the sandbox has none of what they name. */
export const ALWAYS_NULL = new Set([
  'account_tax_ids',
  'application',
  'application_fee',
  'default_account_tax_ids',
  'default_source',
  'icon',
  'latest_revision',
  'logo',
  'on_behalf_of',
  'payment_record',
  'review',
  'setup_attempt',
  'single_use_mandate',
  'source',
  'source_transfer',
  'source_transfer_reversal',
  'tax_code',
  'transfer_reversal',
]);

/** Fields that are only there when they are expanded. */
export const INCLUDABLE = new Map<string, (context: Context, id: string) => object | null>([
  [
    'charge refunds',
    (context, id) => newestFirst(context.store.by('refund', 'charge', id), `/v1/charges/${id}/refunds`),
  ],
  [
    'checkout.session line_items',
    (context, id) => {
      const items = context.store.get('checkout_fact', id)?.items ?? [];
      return answer(items.slice(0, 10), items.length > 10, `/v1/checkout/sessions/${id}/line_items`);
    },
  ],
  ['customer subscriptions', (context, id) => subscriptionsOf(context, id)],
  ['customer sources', (_context, id) => answer([], false, `/v1/customers/${id}/sources`)],
  [
    'customer tax_ids',
    (context, id) => newestFirst(context.store.by('tax_id', 'customer', id), `/v1/customers/${id}/tax_ids`),
  ],
  [
    'invoice payments',
    (context, id) =>
      newestFirst(context.store.by('invoice_payment', 'invoice', id), `/v1/invoice_payments?invoice=${id}`),
  ],
  [
    'payment_intent amount_details.line_items',
    (context, id) => pageOf(intentFact(context, id).lines, {}, `/v1/payment_intents/${id}/amount_details_line_items`),
  ],
  ['price tiers', (context, id) => context.store.get('price_fact', id)?.tiers ?? null],
  ['price currency_options', (context, id) => context.store.get('price_fact', id)?.currency_options ?? null],
  ['coupon applies_to', (context, id) => productsOf(context, id)],
  ['coupon currency_options', (context, id) => context.store.get('coupon_fact', id)?.currency_options ?? null],
  ['invoice confirmation_secret', (context, id) => confirmationSecret(context, id)],
]);

function productsOf(context: Context, coupon: string): Stripe.Coupon.AppliesTo | null {
  const products = context.store.get('coupon_fact', coupon)?.products ?? null;
  return products === null ? null : { products };
}

function newestFirst<V>(objects: V[], url: string): Stripe.ApiList<V> {
  return answer(objects.toReversed(), false, url);
}

function subscriptionsOf(context: Context, customer: string): Stripe.ApiList<Stripe.Subscription> {
  const live = context.store.by('subscription', 'customer', customer).filter(({ status }) => status !== 'canceled');
  return newestFirst(live, `/v1/customers/${customer}/subscriptions`);
}

/** What a client needs to pay an open invoice: https://docs.stripe.com/api/invoices/object#invoice_object-confirmation_secret */
function confirmationSecret(context: Context, id: string): Stripe.Invoice.ConfirmationSecret | null {
  const invoice = context.store.get('invoice', id);
  const secret = invoice === undefined ? undefined : intentOf(context, invoice)?.client_secret;
  return typeof secret === 'string' && invoice?.status === 'open'
    ? { client_secret: secret, type: 'payment_intent' }
    : null;
}
