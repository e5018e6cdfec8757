import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find, notFound } from '../find.js';
import { list, paging } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';

/** What each type looks like, of those that are most used; others are taken as they are: https://docs.stripe.com/billing/customer/tax-ids#supported-tax-id */
const SHAPES = new Map([
  ['eu_vat', /^[A-Z]{2}[0-9A-Z+*]{2,13}$/],
  ['gb_vat', /^(GB)?\d{9}(\d{3})?$/],
  ['us_ein', /^\d{2}-\d{7}$/],
  ['ch_vat', /^CHE-\d{3}\.\d{3}\.\d{3} (MWST|TVA|IVA)$/],
  ['no_vat', /^\d{9}MVA$/],
  ['au_abn', /^\d{11}$/],
  ['ca_bn', /^\d{9}$/],
  ['in_gst', /^[0-9A-Z]{15}$/],
]);
/** https://docs.stripe.com/billing/customer/tax-ids#validation: these are checked with an authority */
const VERIFIED = new Set(['eu_vat', 'gb_vat', 'au_abn']);
const shape = { type: p.needed(p.text), value: p.needed(p.text) };
const owner = p.hash({ customer: p.needed(p.text), type: p.needed(p.oneOf('customer')) });

export const taxIds = [
  route('POST', '/v1/tax_ids', { ...shape, owner: p.needed(owner) }, (context, { owner: holder, ...params }) =>
    create(context, find(context, 'customer', holder.customer, 'owner[customer]').id, params),
  ),
  route('GET', '/v1/tax_ids', { ...paging, owner }, (context, { owner: holder, ...page }) =>
    list(context, 'tax_id', page, {
      url: '/v1/tax_ids',
      ...(holder !== undefined && { by: ['customer', holder.customer] }),
    }),
  ),
  route('GET', '/v1/tax_ids/:id', {}, (context, _params, id) => find(context, 'tax_id', id)),
  route('DELETE', '/v1/tax_ids/:id', {}, (context, _params, id) => remove(context, find(context, 'tax_id', id))),
  route('POST', '/v1/customers/:id/tax_ids', shape, (context, params, customer) =>
    create(context, find(context, 'customer', customer).id, params),
  ),
  route('GET', '/v1/customers/:id/tax_ids', paging, (context, page, customer) =>
    list(context, 'tax_id', page, {
      url: `/v1/customers/${find(context, 'customer', customer).id}/tax_ids`,
      by: ['customer', customer],
    }),
  ),
  route('GET', '/v1/customers/:id/tax_ids/:second', {}, (context, _params, customer, id) =>
    ownOf(context, customer, id),
  ),
  route('DELETE', '/v1/customers/:id/tax_ids/:second', {}, (context, _params, customer, id) =>
    remove(context, ownOf(context, customer, id)),
  ),
];

function create(context: Context, customer: string, { type, value }: p.Values<typeof shape>): Stripe.TaxId {
  const expected = SHAPES.get(type);
  if (expected === undefined && !/^[a-z]{2}_[a-z]{2,5}$|^eu_oss_vat$/.test(type))
    throw invalid(`Invalid type: ${type} is no type of tax ID.`, { param: 'type' });
  if (expected !== undefined && !expected.test(value))
    throw invalid(`Invalid value for ${type}.`, { code: 'tax_id_invalid', param: 'value' });
  const taxId = context.store.put('tax_id', {
    id: context.ids.next('txi', 24),
    object: 'tax_id',
    country: countryOf(type, value),
    created: context.now,
    customer,
    customer_account: null,
    livemode: false,
    owner: { customer, customer_account: null, type: 'customer' },
    type,
    value,
    verification: verificationOf(type, value),
  });
  context.emit('customer.tax_id.created', taxId);
  return taxId;
}

/** By Stripe's test values: https://docs.stripe.com/billing/testing#customer-tax-id-verfication */
function verificationOf(type: string, value: string): Stripe.TaxId.Verification | null {
  if (!VERIFIED.has(type)) return null;
  if (value.endsWith('000000000') || value === '00000000000')
    return { status: 'verified', verified_address: '123 TEST STREET', verified_name: 'TEST' };
  const status = value.endsWith('111111111') ? 'unverified' : 'pending';
  return { status, verified_address: null, verified_name: null };
}

function countryOf(type: string, value: string): string | null {
  if (type === 'eu_oss_vat') return null;
  const country = (type === 'eu_vat' ? value.slice(0, 2) : type.slice(0, 2)).toUpperCase();
  return country === 'EL' ? 'GR' : country;
}

function remove(context: Context, taxId: Stripe.TaxId): Stripe.DeletedTaxId {
  context.store.remove('tax_id', taxId.id);
  context.emit('customer.tax_id.deleted', taxId);
  return { id: taxId.id, object: 'tax_id', deleted: true };
}

function ownOf(context: Context, customer: string, id: string): Stripe.TaxId {
  const taxId = find(context, 'tax_id', id);
  if (idOf(taxId.customer) !== customer) throw notFound('tax_id', id);
  return taxId;
}
