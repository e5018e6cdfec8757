import { isDeepStrictEqual } from 'node:util';
import type Stripe from 'stripe';
import { defineMirrored } from '../mirror/mirrored-object.js';
import type { Change, Columns } from '../mirror/mirrored-object.js';
import type { Customer } from './customer.entity.js';

type Row = Columns<Customer>;

const told = ['email', 'name', 'currency', 'locale', 'default_payment_method', 'metadata'] as const satisfies Array<
  keyof Row
>;

export const customerMirror = defineMirrored<Stripe.Customer, Row>({
  object: 'customer',
  table: 'customers',
  deletedBy: 'customer.deleted',
  read,
  changes,
  // Set by the first subscription, within the second of it, and never null again.
  // https://support.stripe.com/questions/setting-a-customers-default-currency
  phase: ({ currency }) => (currency === null ? 0 : 1),
  customer: (row) => row.id,
  retrieve: (stripe, id) => stripe.customers.retrieve(id),
  list: (stripe, params) => stripe.customers.list(params),
});

/** The SaaS's own id for the customer; null where Stripe's metadata names none that can be one. */
export function externalIdOf(row: Pick<Row, 'metadata'>): string | null {
  const id = row.metadata['external_id'];
  // One that begins like Stripe's would be taken for Stripe's.
  return id === undefined || id === '' || id.startsWith('cus_') ? null : id;
}

function read(customer: Stripe.Customer): Row {
  return {
    id: customer.id,
    email: customer.email,
    name: customer.name ?? null,
    currency: customer.currency ?? null,
    locale: customer.preferred_locales?.[0] ?? null,
    default_payment_method: defaultPaymentMethodOf(customer),
    metadata: customer.metadata,
    created: new Date(customer.created * 1000),
  };
}

/** Of older customers it is a source. https://docs.stripe.com/api/subscriptions/create#create_subscription-default_source */
function defaultPaymentMethodOf(customer: Stripe.Customer): string | null {
  const method = customer.invoice_settings.default_payment_method ?? customer.default_source;
  return (typeof method === 'object' ? method?.id : method) ?? null;
}

function changes(before: Row | null, after: Row | null): Change[] {
  if (after === null) return before === null ? [] : [{ type: 'customer.deleted', data: {} }];
  if (before === null)
    return [{ type: 'customer.created', data: { email: after.email, external_id: externalIdOf(after) } }];
  const changed = told.filter((column) => !isDeepStrictEqual(before[column], after[column]));
  return changed.length === 0 ? [] : [{ type: 'customer.updated', data: { changed } }];
}
