import { idOf, type Objects, type ObjectType } from './objects.js';

type Keys = string | readonly string[] | null;
export type IndexesOf<T extends ObjectType> = Record<string, (object: Objects[T]) => Keys>;

/** What is looked up by something else than its id, so that a renewal costs the same among ten objects or a million. */
export const INDEXES: { [T in ObjectType]: IndexesOf<T> } = {
  account: {},
  balance_transaction: { source: (transaction) => idOf(transaction.source) },
  charge: { customer: (charge) => idOf(charge.customer), payment_intent: (charge) => idOf(charge.payment_intent) },
  customer: { email: (customer) => customer.email, test_clock: (customer) => idOf(customer.test_clock) },
  deleted_customer: {},
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
  payment_intent: { customer: (intent) => idOf(intent.customer) },
  payment_method: { customer: (method) => idOf(method.customer) },
  price: { product: (price) => idOf(price.product), lookup_key: (price) => price.lookup_key },
  product: {},
  refund: { charge: (refund) => idOf(refund.charge), payment_intent: (refund) => idOf(refund.payment_intent) },
  setup_intent: { customer: (intent) => idOf(intent.customer) },
  subscription: {
    customer: (subscription) => idOf(subscription.customer),
    item: (subscription) => subscription.items.data.map((item) => item.id),
    price: (subscription) => subscription.items.data.map((item) => item.price.id),
    test_clock: (subscription) => idOf(subscription.test_clock),
  },
  test_clock: { status: (clock) => clock.status },
  webhook_endpoint: {},
  method_fact: {},
  due: {},
  remembered_answer: {},
};

/** An invoice's subscription lives under its parent since 2025-03-31: https://docs.stripe.com/changelog/basil */
export function subscriptionOf(invoice: Objects['invoice']): string | null {
  return idOf(invoice.parent?.subscription_details?.subscription);
}
