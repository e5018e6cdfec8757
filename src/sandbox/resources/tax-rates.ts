import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, ParameterError } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';

const percentage: p.Kind<number> = {
  read(value, name) {
    const number = Number(p.decimal.read(value, name));
    if (number < 0 || number > 100) throw new ParameterError('percentage must be between 0 and 100.', name);
    return number;
  },
};
const fields = {
  active: p.flag,
  country: p.note,
  description: p.note,
  jurisdiction: p.note,
  metadata: p.metadata,
  state: p.note,
  tax_type: p.oneOf(
    'amusement_tax',
    'communications_tax',
    'gst',
    'hst',
    'igst',
    'jct',
    'lease_tax',
    'pst',
    'qst',
    'retail_delivery_fee',
    'rst',
    'sales_tax',
    'service_tax',
    'vat',
  ),
};

/** https://docs.stripe.com/api/tax_rates: what a rate is cannot be changed, only how it is called */
export const taxRates = [
  route(
    'POST',
    '/v1/tax_rates',
    { ...fields, display_name: p.needed(p.text), inclusive: p.needed(p.flag), percentage: p.needed(percentage) },
    (context, { metadata, ...params }) => {
      const rate = context.store.put('tax_rate', {
        id: context.ids.next('txr', 24),
        object: 'tax_rate',
        active: params.active ?? true,
        country: params.country ?? null,
        created: context.wire,
        description: params.description ?? null,
        display_name: params.display_name,
        effective_percentage: params.percentage,
        flat_amount: null,
        inclusive: params.inclusive,
        jurisdiction: params.jurisdiction ?? null,
        jurisdiction_level: null,
        livemode: false,
        metadata: p.mergeMetadata({}, metadata),
        percentage: params.percentage,
        rate_type: 'percentage',
        state: params.state ?? null,
        tax_type: params.tax_type ?? null,
      });
      context.emit('tax_rate.created', rate);
      return rate;
    },
  ),
  route(
    'GET',
    '/v1/tax_rates',
    { ...pagingByTime, active: p.flag, inclusive: p.flag },
    (context, { active, created, inclusive, ...page }) =>
      list(context, 'tax_rate', page, {
        url: '/v1/tax_rates',
        where: (rate) =>
          p.inRange(rate.created, created) &&
          (active === undefined || rate.active === active) &&
          (inclusive === undefined || rate.inclusive === inclusive),
      }),
  ),
  route('GET', '/v1/tax_rates/:id', {}, (context, _params, id) => find(context, 'tax_rate', id)),
  route('POST', '/v1/tax_rates/:id', { ...fields, display_name: p.text }, (context, { metadata, ...params }, id) => {
    const before = find(context, 'tax_rate', id);
    const rate = context.store.put('tax_rate', {
      ...before,
      ...params,
      metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
    });
    context.emit('tax_rate.updated', rate, before);
    return rate;
  }),
];

/** The rates that a parameter names, at most five: https://docs.stripe.com/billing/taxes/tax-rates */
export function taxRatesOf(context: Context, ids: readonly string[], param: string): Stripe.TaxRate[] {
  if (ids.length > 5) throw invalid('At most five tax rates can be applied.', { param });
  return ids.map((id, index) => {
    const rate = find(context, 'tax_rate', id, `${param}[${index}]`);
    // https://docs.stripe.com/api/tax_rates/object#tax_rate_object-active
    if (!rate.active) throw invalid(`The tax rate ${id} is inactive.`, { param: `${param}[${index}]` });
    return rate;
  });
}
