import type Stripe from 'stripe';

/** Every kind of object that the store holds: Stripe's own by their types, and a few facts that Stripe keeps to itself. */
export interface Objects {
  account: Stripe.Account;
  balance_transaction: Stripe.BalanceTransaction;
  charge: Stripe.Charge;
  customer: Stripe.Customer;
  deleted_customer: Stripe.DeletedCustomer;
  invoice: Stripe.Invoice;
  invoice_payment: Stripe.InvoicePayment;
  invoiceitem: Stripe.InvoiceItem;
  payment_intent: Stripe.PaymentIntent;
  payment_method: Stripe.PaymentMethod;
  price: Stripe.Price;
  product: Stripe.Product;
  refund: Stripe.Refund;
  setup_intent: Stripe.SetupIntent;
  subscription: Stripe.Subscription;
  test_clock: Stripe.TestHelpers.TestClock;
  webhook_endpoint: Stripe.WebhookEndpoint;
  method_fact: MethodFact;
  due: Due;
  remembered_answer: RememberedAnswer;
}
export type ObjectType = keyof Objects;

/** How a payment method behaves. `id` is the payment method's. */
export interface MethodFact {
  id: string;
  /** Which of Stripe's test values it was made of; empty where only its type counts. */
  test_id: string;
  /** Authenticated once for off-session use: https://docs.stripe.com/testing#regulatory-cards */
  set_up: boolean;
  /** A detached payment method can never be attached again: https://docs.stripe.com/api/payment_methods/detach */
  detached: boolean;
}

/** Something that happens at a moment of the clock: one per kind and target. `at` is seconds. */
export interface Due {
  id: string;
  kind: string;
  target: string;
  at: number;
  /** The test clock by which it is due; null: the sandbox's own. */
  clock: string | null;
}

/** The answer given to an idempotency key. `id` is the key. */
export interface RememberedAnswer {
  id: string;
  fingerprint: string;
  request_id: string;
  status: number;
  body: string;
  created: number;
}

/** The id behind a field that may hold the id or the whole object. */
export function idOf(value: string | { id: string }): string;
export function idOf(value: string | { id: string } | null | undefined): string | null;
export function idOf(value: string | { id: string } | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : value.id;
}
