import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, missing } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { currencyKind } from './prices.js';

const currencyOptions = p.mapOf(p.hash({ minimum_amount: p.needed(p.atLeast(1)) }));
const createShape = {
  active: p.flag,
  code: p.text,
  customer: p.text,
  expires_at: p.timestamp,
  max_redemptions: p.atLeast(1),
  metadata: p.metadata,
  promotion: p.needed(p.hash({ type: p.needed(p.oneOf('coupon')), coupon: p.needed(p.text) })),
  restrictions: p.hash({
    currency_options: currencyOptions,
    first_time_transaction: p.flag,
    minimum_amount: p.atLeast(1),
    minimum_amount_currency: currencyKind,
  }),
};

/** https://docs.stripe.com/api/promotion_codes */
export const promotionCodes = [
  route('POST', '/v1/promotion_codes', createShape, createPromotionCode),
  route(
    'GET',
    '/v1/promotion_codes',
    { ...pagingByTime, active: p.flag, code: p.text, coupon: p.text, customer: p.text },
    (context, { active, code, coupon, created, customer, ...page }) =>
      list(context, 'promotion_code', page, {
        url: '/v1/promotion_codes',
        ...(coupon !== undefined && { by: ['coupon', coupon] }),
        ...(code !== undefined && { by: ['code', code.toLowerCase()] }),
        where: (one) =>
          p.inRange(one.created, created) &&
          (active === undefined || one.active === active) &&
          (coupon === undefined || idOf(one.promotion.coupon) === coupon) &&
          (customer === undefined || idOf(one.customer) === customer),
      }),
  ),
  route('GET', '/v1/promotion_codes/:id', {}, (context, _params, id) => find(context, 'promotion_code', id)),
  route(
    'POST',
    '/v1/promotion_codes/:id',
    { active: p.flag, metadata: p.metadata, restrictions: p.hash({ currency_options: currencyOptions }) },
    (context, { active, metadata, restrictions }, id) => {
      const before = find(context, 'promotion_code', id);
      if (active === true) refuseTwins(context, before.code, idOf(before.customer), id);
      const code = context.store.put('promotion_code', {
        ...before,
        ...(active !== undefined && { active }),
        metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
        restrictions: {
          ...before.restrictions,
          ...(restrictions?.currency_options && {
            currency_options: Object.fromEntries(restrictions.currency_options),
          }),
        },
      });
      context.emit('promotion_code.updated', code, before);
      return code;
    },
  ),
];

function createPromotionCode(context: Context, params: p.Values<typeof createShape>): Stripe.PromotionCode {
  const { promotion, restrictions = {}, customer, expires_at } = params;
  const coupon = context.store.get('coupon', promotion.coupon);
  if (coupon === undefined || context.store.get('coupon_fact', coupon.id)?.deleted === true)
    throw missing('coupon', promotion.coupon, 'promotion[coupon]');
  if (customer !== undefined) find(context, 'customer', customer, 'customer');
  if (expires_at !== undefined && expires_at <= context.wire)
    throw invalid('expires_at must be in the future.', { param: 'expires_at' });
  if ((restrictions.minimum_amount === undefined) !== (restrictions.minimum_amount_currency === undefined))
    throw invalid('minimum_amount and minimum_amount_currency must be given together.', {
      param: 'restrictions[minimum_amount_currency]',
    });
  const code = params.code ?? context.ids.letters(8).toUpperCase();
  refuseTwins(context, code, customer ?? null);
  const created = context.store.put('promotion_code', {
    id: context.ids.next('promo', 24),
    object: 'promotion_code',
    active: params.active ?? true,
    code,
    created: context.wire,
    customer: customer ?? null,
    customer_account: null,
    expires_at: expires_at ?? null,
    livemode: false,
    max_redemptions: params.max_redemptions ?? null,
    metadata: p.mergeMetadata({}, params.metadata),
    promotion: { type: 'coupon', coupon: coupon.id },
    restrictions: {
      first_time_transaction: restrictions.first_time_transaction ?? false,
      minimum_amount: restrictions.minimum_amount ?? null,
      minimum_amount_currency: restrictions.minimum_amount_currency ?? null,
      ...(restrictions.currency_options && { currency_options: Object.fromEntries(restrictions.currency_options) }),
    },
    times_redeemed: 0,
  });
  if (expires_at !== undefined) context.schedule.set('promotion_code.expiry', created.id, expires_at);
  context.emit('promotion_code.created', created);
  return created;
}

/** A code is unique among the active ones of everybody, or of one customer; case does not matter:
 * https://docs.stripe.com/api/promotion_codes/create#create_promotion_code-code */
function refuseTwins(context: Context, code: string, customer: string | null, but?: string): void {
  const twins = context.store.by('promotion_code', 'code', code.toLowerCase());
  if (twins.some((one) => one.active && one.id !== but && idOf(one.customer) === customer))
    throw invalid('An active promotion code with this code already exists.', { param: 'code' });
}
