import type Stripe from 'stripe';

/** Every kind of object that the store holds: Stripe's own by their types, and a few facts that Stripe keeps to itself. */
export interface Objects {
  account: Stripe.Account;
  active_entitlement: CustomerEntitlement;
  balance_transaction: Stripe.BalanceTransaction;
  dispute: Stripe.Dispute;
  early_fraud_warning: Stripe.Radar.EarlyFraudWarning;
  file: Stripe.File;
  file_fact: FileFact;
  mandate: Stripe.Mandate;
  billing_portal_configuration: Stripe.BillingPortal.Configuration;
  billing_portal_session: Stripe.BillingPortal.Session;
  capability: Stripe.Capability;
  charge: Stripe.Charge;
  checkout_session: Stripe.Checkout.Session;
  coupon: Stripe.Coupon;
  coupon_fact: CouponFact;
  credit_note: Stripe.CreditNote;
  customer: Stripe.Customer;
  customer_balance_transaction: Stripe.CustomerBalanceTransaction;
  deleted_customer: Stripe.DeletedCustomer;
  discount: Stripe.Discount;
  external_account: Stripe.ExternalAccount;
  feature: Stripe.Entitlements.Feature;
  invoice: Stripe.Invoice;
  invoice_payment: Stripe.InvoicePayment;
  invoiceitem: Stripe.InvoiceItem;
  meter: Stripe.Billing.Meter;
  payment_intent: Stripe.PaymentIntent;
  payment_method: Stripe.PaymentMethod;
  person: Stripe.Person;
  price: Stripe.Price;
  price_fact: PriceFact;
  product: Stripe.Product;
  product_feature: AttachedFeature;
  promotion_code: Stripe.PromotionCode;
  refund: Stripe.Refund;
  setup_attempt: Stripe.SetupAttempt;
  setup_intent: Stripe.SetupIntent;
  spent_discount: SpentDiscount;
  subscription: Stripe.Subscription;
  subscription_schedule: Stripe.SubscriptionSchedule;
  tax_id: Stripe.TaxId;
  tax_rate: Stripe.TaxRate;
  test_clock: Stripe.TestHelpers.TestClock;
  webhook_endpoint: Stripe.WebhookEndpoint;
  balance_sheet: BalanceSheet;
  method_fact: MethodFact;
  checkout_fact: CheckoutFact;
  due: Due;
  intent_fact: IntentFact;
  endpoint_fact: EndpointFact;
  meter_event: MeteredUsage;
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
  /** A bank account must be known to be the customer's before it is debited: https://docs.stripe.com/payments/ach-direct-debit#verification */
  verified: boolean;
  /** The mandate under which it may be debited again. */
  mandate: string | null;
}

/** What Stripe keeps to itself of a payment intent. `id` is the intent's. */
export interface IntentFact {
  id: string;
  /** How often its authorization was raised. */
  increments: number;
  /** What its amount is for. */
  lines: Stripe.PaymentIntentAmountDetailsLineItem[];
}

/** What is in a file, as base64. `id` is the file's. */
export interface FileFact {
  id: string;
  data: string;
}

/** Where money is kept apart by how it was paid. */
export type Pot = 'bank_account' | 'card' | 'fpx';
/** What of a currency is available and what is still pending, in minor units. `id` is the currency. */
export interface BalanceSheet {
  id: string;
  available: Record<Pot, number>;
  pending: Record<Pot, number>;
  /** When what is pending becomes available: seconds, the next first. */
  days: number[];
}

/** What a coupon shows only when it is asked for. `id` is the coupon's. */
export interface CouponFact {
  id: string;
  /** It can no longer be redeemed, but goes on where it was: https://docs.stripe.com/api/coupons/delete */
  deleted: boolean;
  /** Null: it applies to every product. */
  products: string[] | null;
  currency_options: Record<string, Stripe.Coupon.CurrencyOptions>;
}

/** What a price shows only when it is asked for. `id` is the price's. */
export interface PriceFact {
  id: string;
  tiers: Stripe.Price.Tier[] | null;
  currency_options: Record<string, Stripe.Price.CurrencyOptions>;
}

/** A discount that applies once and did. `id` is the discount's. */
export interface SpentDiscount {
  id: string;
}

/** What a Checkout Session sells, and how; Stripe keeps it to itself. `id` is the session's. */
export interface CheckoutFact {
  id: string;
  items: Stripe.LineItem[];
  payment_intent_data: Partial<Stripe.PaymentIntent>;
  setup_intent_data: Partial<Stripe.SetupIntent>;
  subscription_data: Partial<Stripe.Subscription>;
  trial_end: number | null;
  /** The subscription whose first payment waits for its cardholder's bank. */
  pending_subscription: string | null;
}

/** What a webhook endpoint asks for beyond its object. `id` is the endpoint's. */
export interface EndpointFact {
  id: string;
  /** Valid beside the new one for a while after a roll: https://docs.stripe.com/webhooks#roll-endpoint-secrets */
  old_secret: string | null;
  /** Seconds. */
  old_secret_until: number;
  /** It gets the events of connected accounts, not of its own. */
  connect: boolean;
}

/** One meter event that was taken. `id` is its identifier. */
export interface MeteredUsage {
  id: string;
  meter: string;
  customer: string;
  value: number;
  timestamp: number;
  created: number;
  canceled: boolean;
}

/** A feature that a customer has now: https://docs.stripe.com/billing/entitlements */
export interface CustomerEntitlement {
  id: string;
  customer: string;
  feature: string;
  lookup_key: string;
}

/** A feature on a product. */
export interface AttachedFeature {
  id: string;
  product: string;
  feature: string;
}

/** Something that happens at a moment of the clock: one per kind and target. `at` is seconds. */
export interface Due {
  id: string;
  kind: string;
  target: string;
  at: number;
  /** The test clock by which it is due; null: the sandbox's own. */
  clock: string | null;
  /** The connected account that it is for; the sandbox's own if not given. */
  account?: string;
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
