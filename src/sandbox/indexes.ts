import { idOf, type Objects, type ObjectType } from './objects.js';

type Keys = string | readonly string[] | null;
export type IndexesOf<T extends ObjectType> = Record<string, (object: Objects[T]) => Keys>;

/** What is looked up by something else than its id, so that a renewal costs the same among ten objects or a million. */
export const INDEXES: { [T in ObjectType]: IndexesOf<T> } = {
  account: {},
  active_entitlement: { customer: (entitlement) => entitlement.customer },
  balance_sheet: {},
  balance_transaction: {
    source: (transaction) => idOf(transaction.source),
    pending: ({ status, currency, available_on }) => (status === 'pending' ? pendingKey(currency, available_on) : null),
  },
  dispute: { charge: (dispute) => idOf(dispute.charge), payment_intent: (dispute) => idOf(dispute.payment_intent) },
  early_fraud_warning: {
    charge: (warning) => idOf(warning.charge),
    payment_intent: (warning) => idOf(warning.payment_intent),
  },
  file: {},
  file_fact: {},
  mandate: { payment_method: (mandate) => idOf(mandate.payment_method) },
  billing_portal_configuration: {},
  billing_portal_session: { customer: (session) => session.customer },
  checkout_session: {
    customer: (session) => idOf(session.customer),
    payment_intent: (session) => idOf(session.payment_intent),
    setup_intent: (session) => idOf(session.setup_intent),
    subscription: (session) => idOf(session.subscription),
  },
  capability: {},
  charge: { customer: (charge) => idOf(charge.customer), payment_intent: (charge) => idOf(charge.payment_intent) },
  coupon: {},
  coupon_fact: {},
  credit_note: { invoice: (note) => idOf(note.invoice), customer: (note) => idOf(note.customer) },
  customer: { email: (customer) => customer.email, test_clock: (customer) => idOf(customer.test_clock) },
  customer_balance_transaction: { customer: (transaction) => idOf(transaction.customer) },
  deleted_customer: {},
  discount: {},
  external_account: {},
  feature: { lookup_key: (feature) => feature.lookup_key },
  invoice: { customer: (invoice) => idOf(invoice.customer), subscription: (invoice) => subscriptionOf(invoice) },
  invoice_payment: {
    invoice: (payment) => idOf(payment.invoice),
    payment_intent: (payment) => idOf(payment.payment.payment_intent),
  },
  invoiceitem: {
    customer: (item) => idOf(item.customer),
    invoice: (item) => idOf(item.invoice),
    pending: (item) => (item.invoice === null ? idOf(item.customer) : null),
  },
  meter: { event_name: (meter) => meter.event_name },
  payment_intent: { customer: (intent) => idOf(intent.customer) },
  payment_method: { customer: (method) => idOf(method.customer) },
  person: {},
  price: { product: (price) => idOf(price.product), lookup_key: (price) => price.lookup_key },
  price_fact: {},
  product: {},
  product_feature: { product: (attached) => attached.product, feature: (attached) => attached.feature },
  promotion_code: {
    code: (promotion) => promotion.code.toLowerCase(),
    coupon: (promotion) => idOf(promotion.promotion.coupon),
  },
  refund: { charge: (refund) => idOf(refund.charge), payment_intent: (refund) => idOf(refund.payment_intent) },
  setup_attempt: { setup_intent: (attempt) => idOf(attempt.setup_intent) },
  setup_intent: { customer: (intent) => idOf(intent.customer) },
  spent_discount: {},
  subscription: {
    customer: (subscription) => idOf(subscription.customer),
    item: (subscription) => subscription.items.data.map((item) => item.id),
    price: (subscription) => subscription.items.data.map((item) => item.price.id),
    test_clock: (subscription) => idOf(subscription.test_clock),
  },
  subscription_schedule: {
    customer: (schedule) => idOf(schedule.customer),
    subscription: (schedule) => idOf(schedule.subscription),
  },
  tax_rate: {},
  test_clock: { status: (clock) => clock.status },
  tax_id: { customer: (taxId) => idOf(taxId.customer) },
  webhook_endpoint: {},
  method_fact: {},
  checkout_fact: { pending_subscription: (fact) => fact.pending_subscription },
  due: {},
  intent_fact: {},
  endpoint_fact: {},
  meter_event: { usage: (usage) => `${usage.meter} ${usage.customer}` },
  remembered_answer: {},
};

/** An invoice's subscription lives under its parent since 2025-03-31: https://docs.stripe.com/changelog/basil */
export function subscriptionOf(invoice: Objects['invoice']): string | null {
  return idOf(invoice.parent?.subscription_details?.subscription);
}

/** What of a currency becomes available at the same moment. */
export function pendingKey(currency: string, availableOn: number): string {
  return `${currency} ${availableOn}`;
}
