import type Stripe from 'stripe';

type Options = Stripe.RequestOptions;
type WithId<P> = P & { id: string };

/**
 * The catalogue of all commands to Stripe: what is written down (kind and params) is enough to send it again. Nothing is
 * expanded, because the answers go into the mirror, which keeps objects as events carry them.
 */
export const operations = {
  'customer.create': (stripe: Stripe, params: Stripe.CustomerCreateParams, options: Options) =>
    stripe.customers.create(params, options),
  'customer.update': (stripe: Stripe, { id, ...params }: WithId<Stripe.CustomerUpdateParams>, options: Options) =>
    stripe.customers.update(id, params, options),
  'customer.delete': (stripe: Stripe, { id }: { id: string }, options: Options) =>
    stripe.customers.del(id, {}, options),
  'product.create': (stripe: Stripe, params: Stripe.ProductCreateParams, options: Options) =>
    stripe.products.create(params, options),
  'product.update': (stripe: Stripe, { id, ...params }: WithId<Stripe.ProductUpdateParams>, options: Options) =>
    stripe.products.update(id, params, options),
  'price.create': (stripe: Stripe, params: Stripe.PriceCreateParams, options: Options) =>
    stripe.prices.create(params, options),
  'price.update': (stripe: Stripe, { id, ...params }: WithId<Stripe.PriceUpdateParams>, options: Options) =>
    stripe.prices.update(id, params, options),
  'payment_method.attach': (
    stripe: Stripe,
    { id, ...params }: WithId<Stripe.PaymentMethodAttachParams>,
    options: Options,
  ) => stripe.paymentMethods.attach(id, params, options),
  'payment_method.detach': (stripe: Stripe, { id }: { id: string }, options: Options) =>
    stripe.paymentMethods.detach(id, {}, options),
  'payment_intent.create': (stripe: Stripe, params: Stripe.PaymentIntentCreateParams, options: Options) =>
    stripe.paymentIntents.create(params, options),
  'payment_intent.update': (
    stripe: Stripe,
    { id, ...params }: WithId<Stripe.PaymentIntentUpdateParams>,
    options: Options,
  ) => stripe.paymentIntents.update(id, params, options),
  'payment_intent.confirm': (
    stripe: Stripe,
    { id, ...params }: WithId<Stripe.PaymentIntentConfirmParams>,
    options: Options,
  ) => stripe.paymentIntents.confirm(id, params, options),
  'payment_intent.capture': (
    stripe: Stripe,
    { id, ...params }: WithId<Stripe.PaymentIntentCaptureParams>,
    options: Options,
  ) => stripe.paymentIntents.capture(id, params, options),
  'payment_intent.cancel': (
    stripe: Stripe,
    { id, ...params }: WithId<Stripe.PaymentIntentCancelParams>,
    options: Options,
  ) => stripe.paymentIntents.cancel(id, params, options),
  'refund.create': (stripe: Stripe, params: Stripe.RefundCreateParams, options: Options) =>
    stripe.refunds.create(params, options),
  'subscription.create': (stripe: Stripe, params: Stripe.SubscriptionCreateParams, options: Options) =>
    stripe.subscriptions.create(params, options),
  'subscription.update': (
    stripe: Stripe,
    { id, ...params }: WithId<Stripe.SubscriptionUpdateParams>,
    options: Options,
  ) => stripe.subscriptions.update(id, params, options),
  'subscription.cancel': (
    stripe: Stripe,
    { id, ...params }: WithId<Stripe.SubscriptionCancelParams>,
    options: Options,
  ) => stripe.subscriptions.cancel(id, params, options),
  'subscription.resume': (
    stripe: Stripe,
    { id, ...params }: WithId<Stripe.SubscriptionResumeParams>,
    options: Options,
  ) => stripe.subscriptions.resume(id, params, options),
  'invoice.pay': (stripe: Stripe, { id, ...params }: WithId<Stripe.InvoicePayParams>, options: Options) =>
    stripe.invoices.pay(id, params, options),
  'invoice.void': (stripe: Stripe, { id }: { id: string }, options: Options) =>
    stripe.invoices.voidInvoice(id, {}, options),
} as const;

export type OperationKind = keyof typeof operations;
export type OperationParams<K extends OperationKind> = Parameters<(typeof operations)[K]>[1];
export type OperationResult<K extends OperationKind> = Awaited<ReturnType<(typeof operations)[K]>>;
