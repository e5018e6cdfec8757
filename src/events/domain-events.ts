import { z } from 'zod';

const money = { amount: z.int(), currency: z.string() };
const subscription = z.object({
  subscription: z.string(),
  status: z.string(),
  plan: z.string().nullable(),
  quantity: z.int(),
  current_period_end: z.iso.datetime().nullable(),
});
const invoice = z.object({
  invoice: z.string(),
  number: z.string().nullable(),
  subscription: z.string().nullable(),
  billing_reason: z.string().nullable(),
  hosted_invoice_url: z.string().nullable(),
  ...money,
});
const payment = z.object({
  payment: z.string(),
  status: z.string(),
  order_id: z.string().nullable(),
  /** False for the payment of an invoice, which has events of its own. */
  one_off: z.boolean(),
  ...money,
});

const alert = z.object({
  alert: z.string(),
  /** As `config/alerts.yaml` calls it. */
  name: z.enum(['dead_letters', 'lag', 'silence', 'signature_failures', 'reconciliation']),
  text: z.string(),
  value: z.number(),
  raised_at: z.iso.datetime(),
  resolved_at: z.iso.datetime().nullable(),
});

/**
 * The catalogue of all domain events and their payloads (`data`). Amounts are integers in the currency's minor unit,
 * moments ISO 8601 in UTC. Every event also has `customer` (Stripe's id, or null), `occurred_at` (business time) and `cause`
 * (the Stripe event, operation or reconciliation that it follows from).
 */
export const domainEvents = {
  'customer.created': z.object({ email: z.string().nullable(), external_id: z.string().nullable() }),
  'customer.updated': z.object({ changed: z.array(z.string()) }),
  'customer.deleted': z.object({}),

  'payment_method.attached': z.object({ payment_method: z.string(), type: z.string() }),
  'payment_method.detached': z.object({ payment_method: z.string(), type: z.string() }),

  'payment.requires_action': payment,
  'payment.succeeded': payment,
  'payment.failed': payment.extend({ failure_code: z.string().nullable(), decline_code: z.string().nullable() }),
  'payment.canceled': payment,
  'payment.refunded': payment.extend({ refund: z.string(), refunded: z.int() }),

  'invoice.paid': invoice,
  'invoice.payment_failed': invoice.extend({
    attempt: z.int(),
    next_attempt_at: z.iso.datetime().nullable(),
  }),
  'invoice.voided': invoice,

  'subscription.created': subscription,
  'subscription.activated': subscription.extend({ previous_status: z.string().nullable() }),
  'subscription.past_due': subscription,
  'subscription.unpaid': subscription,
  'subscription.paused': subscription,
  'subscription.canceled': subscription.extend({ reason: z.string().nullable() }),
  'subscription.incomplete_expired': subscription,
  'subscription.plan_changed': subscription.extend({ previous_plan: z.string().nullable() }),
  'subscription.quantity_changed': subscription.extend({ previous_quantity: z.int() }),
  'subscription.cancellation_scheduled': subscription.extend({ cancel_at: z.iso.datetime() }),
  'subscription.cancellation_undone': subscription,
  'subscription.renewed': subscription,

  'access.changed': z.object({
    granted: z.array(z.string()),
    revoked: z.array(z.string()),
    changed: z.array(z.string()),
    rule: z.string(),
    text: z.string(),
    subscription: z.string().nullable(),
  }),

  'dunning.reminder_due': z.object({
    subscription: z.string(),
    invoice: z.string(),
    step: z.string(),
    access_until: z.iso.datetime(),
    ...money,
  }),

  /** Because of what its receiver answered, or did not; not when somebody did so through the API. */
  'webhook_endpoint.disabled': z.object({
    webhook_endpoint: z.string(),
    reason: z.string(),
    failing_since: z.iso.datetime().nullable(),
  }),

  /** For the operator; real time, and of no customer. */
  'alert.raised': alert,
  'alert.resolved': alert,
} as const satisfies Record<string, z.ZodType>;

export type DomainEventType = keyof typeof domainEvents;
export type DomainEventData<T extends DomainEventType> = z.infer<(typeof domainEvents)[T]>;

/** An event that is about to be written. */
export type DomainEventDraft = {
  [T in DomainEventType]: {
    type: T;
    customer: string | null;
    /** The object the event is about. */
    object: string;
    data: DomainEventData<T>;
    /** Business time. */
    occurred_at: Date;
    /** The Stripe event, operation or reconciliation that it follows from. */
    cause: string | null;
    /** Where given, it happens once however often it is published. */
    key?: string;
  };
}[DomainEventType];

/** What a listener receives; narrow it by `type`. */
export type DomainEvent<T extends DomainEventType = DomainEventType> = {
  [K in T]: {
    id: string;
    type: K;
    customer: string | null;
    object: string;
    data: DomainEventData<K>;
    cause: string | null;
    /** ISO 8601, UTC. */
    occurred_at: string;
  };
}[T];
