import type Stripe from 'stripe';
import { noteBalance } from '../billing/balance.js';
import { updateCustomer } from '../billing/customers.js';
import { clockFor } from '../billing/test-clocks.js';
import { noDiscount } from '../billing/discount-subscription.js';
import { deleteCustomer } from '../billing/delete-customer.js';
import { addressFields } from '../address-fields.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find, notFound } from '../find.js';
import { list, paging, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { NO_ADDRESS } from '../payments/no-address.js';
import { attach, usePaymentMethod } from '../payments/payment-methods.js';
import { route } from '../route.js';

const address = p.hash(addressFields);
export const shipping = p.hash({
  address: p.needed(address),
  name: p.needed(p.text),
  phone: p.note,
  carrier: p.note,
  tracking_number: p.note,
});
const fields = {
  address: p.clearable(address),
  balance: p.integer,
  description: p.note,
  email: p.note,
  invoice_prefix: p.text,
  invoice_settings: p.hash({ default_payment_method: p.note, footer: p.note }),
  metadata: p.metadata,
  name: p.note,
  next_invoice_sequence: p.atLeast(1),
  phone: p.note,
  preferred_locales: p.listOf(p.text),
  shipping: p.clearable(shipping),
  tax_exempt: p.clearable(p.oneOf('none', 'exempt', 'reverse')),
};
const createShape = { ...fields, payment_method: p.text, test_clock: p.text };
type Fields = p.Values<typeof fields>;

export const customers = [
  route('POST', '/v1/customers', createShape, (context, params) => {
    const place = context.emitted.length;
    const blank = context.store.put('customer', blankCustomer(context, clockFor(context, params.test_clock)));
    const first = params.payment_method;
    const method = first && attach(context, usePaymentMethod(context, first, 'payment_method'), blank.id);
    const given = p.only(fields, params);
    // A test id makes a card: given twice, it is the same one.
    if (method && given.invoice_settings?.default_payment_method === first)
      given.invoice_settings = { ...given.invoice_settings, default_payment_method: method.id };
    const customer = context.store.put('customer', { ...blank, ...changesOf(context, blank, given) });
    noteAdjustment(context, blank, customer, 'initial');
    context.emitAt(place, 'customer.created', customer);
    return customer;
  }),
  route(
    'GET',
    '/v1/customers',
    { ...pagingByTime, email: p.text, test_clock: p.text },
    (context, { email, created, test_clock, ...page }) =>
      list(context, 'customer', page, {
        url: '/v1/customers',
        ...(test_clock !== undefined && { by: ['test_clock', test_clock] }),
        ...(email !== undefined && { by: ['email', email] }),
        // Customers of a test clock are listed by it alone: https://docs.stripe.com/api/customers/list#list_customers-test_clock
        where: (customer) => p.inRange(customer.created, created) && idOf(customer.test_clock) === (test_clock ?? null),
      }),
  ),
  route(
    'GET',
    '/v1/customers/:id',
    {},
    (context, _params, id) => context.store.get('deleted_customer', id) ?? find(context, 'customer', id),
  ),
  route('POST', '/v1/customers/:id', fields, (context, params, id) => {
    const customer = find(context, 'customer', id);
    const updated = updateCustomer(context, customer, changesOf(context, customer, params));
    noteAdjustment(context, customer, updated, 'adjustment');
    return updated;
  }),
  route('DELETE', '/v1/customers/:id', {}, (context, _params, id) =>
    deleteCustomer(context, find(context, 'customer', id)),
  ),
  // Only subscriptions, their items and invoices are discounted in this version of the API.
  route('DELETE', '/v1/customers/:id/discount', {}, (context, _params, id) => {
    throw noDiscount(`customer: ${find(context, 'customer', id).id}`);
  }),
  route('GET', '/v1/customers/:id/payment_methods', { ...paging, type: p.text }, (context, { type, ...page }, id) =>
    list(context, 'payment_method', page, {
      url: `/v1/customers/${find(context, 'customer', id).id}/payment_methods`,
      by: ['customer', id],
      where: (method) => type === undefined || method.type === type,
    }),
  ),
  route('GET', '/v1/customers/:id/payment_methods/:second', {}, (context, _params, id, second) => {
    const method = find(context, 'payment_method', second);
    if (idOf(method.customer) !== id) throw notFound('payment_method', second);
    return method;
  }),
];

/** https://docs.stripe.com/billing/customer/balance#types */
function noteAdjustment(
  context: Context,
  before: Stripe.Customer,
  after: Stripe.Customer,
  type: 'initial' | 'adjustment',
): void {
  const amount = after.balance - before.balance;
  if (amount !== 0) noteBalance(context, after, { amount, currency: after.currency ?? 'usd', type }, after.balance);
}

function changesOf(context: Context, before: Stripe.Customer, params: Fields): Partial<Stripe.Customer> {
  const { address: where, invoice_settings, metadata, shipping: ship, tax_exempt, ...plain } = params;
  return {
    ...plain,
    ...(where !== undefined && { address: where === null ? null : { ...NO_ADDRESS, ...where } }),
    ...(ship !== undefined && { shipping: shippingOf(ship) }),
    ...(tax_exempt !== undefined && { tax_exempt: tax_exempt ?? 'none' }),
    ...(invoice_settings !== undefined && {
      invoice_settings: { ...before.invoice_settings, ...settingsOf(context, before, invoice_settings) },
    }),
    metadata: p.mergeMetadata(before.metadata, metadata),
  };
}

/** Only one of the customer's own methods can be the default. */
function settingsOf(
  context: Context,
  customer: Stripe.Customer,
  settings: NonNullable<Fields['invoice_settings']>,
): Partial<Stripe.Customer.InvoiceSettings> {
  const param = 'invoice_settings[default_payment_method]';
  const id = settings.default_payment_method ?? null;
  if (id !== null && idOf(find(context, 'payment_method', id, param).customer) !== customer.id)
    throw invalid(
      `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
      { code: 'resource_missing', param },
    );
  return settings;
}

export function shippingOf(
  given: p.Values<{ s: p.Needed<ReturnType<typeof shipping.read>> }>['s'] | null,
): Stripe.Customer.Shipping | null {
  if (given === null) return null;
  return { ...given, address: { ...NO_ADDRESS, ...given.address }, phone: given.phone ?? null };
}

export function blankCustomer(context: Context, test_clock: string | null): Stripe.Customer {
  return {
    id: context.ids.next('cus'),
    object: 'customer',
    address: null,
    balance: 0,
    created: context.now,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: context.ids.letters(8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock,
  };
}
