import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, missing, ParameterError } from '../errors.js';
import { list, pagingByTime } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { currencyKind } from './prices.js';

const percent: p.Kind<number> = {
  read(value, name) {
    const number = Number(p.decimal.read(value, name));
    if (number <= 0 || number > 100) throw new ParameterError('percent_off must be above 0 and at most 100.', name);
    return number;
  },
};
const currencyOptions = p.mapOf(p.hash({ amount_off: p.needed(p.atLeast(1)) }));
const createShape = {
  amount_off: p.atLeast(1),
  applies_to: p.hash({ products: p.listOf(p.text) }),
  currency: currencyKind,
  currency_options: currencyOptions,
  duration: p.oneOf('forever', 'once', 'repeating'),
  duration_in_months: p.atLeast(1),
  id: p.text,
  max_redemptions: p.atLeast(1),
  metadata: p.metadata,
  name: p.text,
  percent_off: percent,
  redeem_by: p.timestamp,
};

/** https://docs.stripe.com/api/coupons */
export const coupons = [
  route('POST', '/v1/coupons', createShape, createCoupon),
  route('GET', '/v1/coupons', pagingByTime, (context, { created, ...page }) =>
    list(context, 'coupon', page, {
      url: '/v1/coupons',
      where: (coupon) => p.inRange(coupon.created, created) && !isDeleted(context, coupon.id),
    }),
  ),
  route('GET', '/v1/coupons/:id', {}, (context, _params, id) => found(context, id)),
  route(
    'POST',
    '/v1/coupons/:id',
    { currency_options: currencyOptions, metadata: p.metadata, name: p.note },
    (context, { currency_options, metadata, name }, id) => {
      const before = found(context, id);
      const fact = context.store.get('coupon_fact', id);
      if (fact !== undefined && currency_options !== undefined)
        context.store.put('coupon_fact', {
          ...fact,
          currency_options: { ...fact.currency_options, ...Object.fromEntries(currency_options) },
        });
      const coupon = context.store.put('coupon', {
        ...before,
        ...(name !== undefined && { name }),
        metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
      });
      context.emit('coupon.updated', coupon, before);
      return coupon;
    },
  ),
  route('DELETE', '/v1/coupons/:id', {}, (context, _params, id): Stripe.DeletedCoupon => {
    const coupon = found(context, id);
    const fact = context.store.get('coupon_fact', id);
    if (fact !== undefined) context.store.put('coupon_fact', { ...fact, deleted: true });
    context.emit('coupon.deleted', context.store.put('coupon', { ...coupon, valid: false }));
    return { id, object: 'coupon', deleted: true };
  }),
];

function createCoupon(context: Context, params: p.Values<typeof createShape>): Stripe.Coupon {
  refuseNonsense(context, params);
  const { amount_off, currency, duration, redeem_by } = params;
  const id = params.id ?? context.ids.letters(8);
  const coupon = context.store.put('coupon', {
    id,
    object: 'coupon',
    amount_off: amount_off ?? null,
    created: context.wire,
    currency: currency ?? null,
    duration: duration ?? 'once',
    duration_in_months: params.duration_in_months ?? null,
    livemode: false,
    max_redemptions: params.max_redemptions ?? null,
    metadata: p.mergeMetadata({}, params.metadata),
    name: params.name ?? null,
    percent_off: params.percent_off ?? null,
    redeem_by: redeem_by ?? null,
    times_redeemed: 0,
    valid: true,
  });
  const own = amount_off === undefined || currency === undefined ? {} : { [currency]: { amount_off } };
  context.store.put('coupon_fact', {
    id,
    deleted: false,
    products: params.applies_to?.products ?? null,
    currency_options: { ...own, ...Object.fromEntries(params.currency_options ?? []) },
  });
  if (redeem_by !== undefined) context.schedule.set('coupon.expiry', id, redeem_by);
  context.emit('coupon.created', coupon);
  return coupon;
}

/** https://docs.stripe.com/api/coupons/create */
function refuseNonsense(context: Context, params: p.Values<typeof createShape>): void {
  const { amount_off, percent_off, currency, duration, duration_in_months, id, redeem_by, applies_to } = params;
  if ((amount_off === undefined) === (percent_off === undefined))
    throw invalid('Must provide percent_off or amount_off, and not both.', { param: 'percent_off' });
  if (amount_off !== undefined && currency === undefined)
    throw invalid('You must pass currency when passing amount_off.', { code: 'parameter_missing', param: 'currency' });
  if ((duration === 'repeating') !== (duration_in_months !== undefined))
    throw invalid('duration_in_months is required if duration is repeating, and only then.', {
      param: 'duration_in_months',
    });
  if (redeem_by !== undefined && redeem_by <= context.wire)
    throw invalid('redeem_by must be in the future.', { param: 'redeem_by' });
  if (id !== undefined && context.store.get('coupon', id) !== undefined && !isDeleted(context, id))
    throw invalid('Coupon already exists.', { code: 'resource_already_exists', param: 'id' });
  for (const [index, product] of (applies_to?.products ?? []).entries())
    if (context.store.get('product', product) === undefined)
      throw missing('product', product, `applies_to[products][${index}]`);
}

function found(context: Context, id: string): Stripe.Coupon {
  const coupon = context.store.get('coupon', id);
  if (coupon === undefined || isDeleted(context, id)) throw missing('coupon', id);
  return coupon;
}

function isDeleted(context: Context, id: string): boolean {
  return context.store.get('coupon_fact', id)?.deleted ?? false;
}
