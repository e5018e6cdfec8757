import type Stripe from 'stripe';
import type { DomainEventData } from '../events/domain-events.js';
import { defineMirrored } from '../mirror/mirrored-object.js';
import type { Change, Columns } from '../mirror/mirrored-object.js';
import type { Invoice } from './invoice.entity.js';
import { dateOf, optionalDate, optionalId } from '../mirror/stripe-fields.js';

type Row = Columns<Invoice>;

/** https://docs.stripe.com/invoicing/integration/workflow-transitions: uncollectible may still be paid or voided. */
const PHASES = new Map(Object.entries({ draft: 0, open: 1, uncollectible: 2, paid: 3, void: 3 }));

/** Attempts are only ever added; Stripe makes no more than eight by itself, and people a few more. */
const MOST_ATTEMPTS = 1000;

export const invoiceMirror = defineMirrored<Stripe.Invoice, Row>({
  object: 'invoice',
  table: 'invoices',
  deletedBy: 'invoice.deleted',
  read,
  changes,
  facts,
  phase: (row) =>
    (PHASES.get(row.status ?? 'draft') ?? 0) * MOST_ATTEMPTS + Math.min(row.attempt_count, MOST_ATTEMPTS - 1),
  // https://docs.stripe.com/api/invoices/object#invoice_object-id
  preview: (invoice) => invoice.id.startsWith('upcoming_in'),
  customer: (row) => row.customer,
  retrieve: (stripe, id) => stripe.invoices.retrieve(id),
  list: (stripe, params) => stripe.invoices.list(params),
});

function read(invoice: Stripe.Invoice): Row {
  return {
    id: invoice.id,
    customer: optionalId(invoice.customer),
    // https://docs.stripe.com/changelog/basil/2025-03-31/adds-new-parent-field-to-invoicing-objects
    subscription: optionalId(invoice.parent?.subscription_details?.subscription),
    number: invoice.number,
    status: invoice.status,
    billing_reason: invoice.billing_reason,
    currency: invoice.currency,
    amount_due: invoice.amount_due,
    amount_paid: invoice.amount_paid,
    amount_remaining: invoice.amount_remaining,
    attempt_count: invoice.attempt_count,
    next_payment_attempt: optionalDate(invoice.next_payment_attempt),
    finalized_at: optionalDate(invoice.status_transitions.finalized_at),
    paid_at: optionalDate(invoice.status_transitions.paid_at),
    hosted_invoice_url: invoice.hosted_invoice_url ?? null,
    created: dateOf(invoice.created),
  };
}

function changes(before: Row | null, after: Row | null): Change[] {
  if (after === null || before?.status === after.status) return [];
  if (after.status === 'paid') {
    return [{ type: 'invoice.paid', data: dataOf(after, after.amount_paid), key: `invoice.paid:${after.id}` }];
  }
  if (after.status !== 'void') return [];
  return [{ type: 'invoice.voided', data: dataOf(after, after.amount_due), key: `invoice.voided:${after.id}` }];
}

/** Stripe counts its own attempts only: one made by hand fails under the number of the last. */
function facts(type: string, invoice: Stripe.Invoice): Change[] {
  if (type !== 'invoice.payment_failed') return [];
  const row = read(invoice);
  const attempt = row.attempt_count;
  const next_attempt_at = row.next_payment_attempt?.toISOString() ?? null;
  const data = { ...dataOf(row, row.amount_remaining), attempt, next_attempt_at };
  return [{ type: 'invoice.payment_failed', data, key: `invoice.payment_failed:${row.id}:${attempt}` }];
}

function dataOf(row: Row, amount: number): DomainEventData<'invoice.paid'> {
  const { id, number, subscription, billing_reason, hosted_invoice_url, currency } = row;
  return { invoice: id, number, subscription, billing_reason, hosted_invoice_url, amount, currency };
}
