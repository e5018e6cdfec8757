import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { answer } from '../list.js';
import { idOf } from '../objects.js';

/**
 * Which subscriptions entitle. Paused ones do not: https://docs.stripe.com/billing/subscriptions/pause; that those past
 * due do follows from them being retried: https://docs.stripe.com/billing/entitlements
 */
const ENTITLES = new Set<string>(['active', 'trialing', 'past_due']);
const LISTED = 10;

/** Brings a customer's entitlements up to what the subscriptions are for now, and says so if they changed. */
export function refreshEntitlements(context: Context, customer: string): void {
  const { store } = context;
  const held = store.by('active_entitlement', 'customer', customer);
  const wanted = featuresOf(context, customer);
  const lost = held.filter(({ feature }) => !wanted.has(feature));
  const gained = [...wanted].filter((id) => !held.some(({ feature }) => feature === id));
  if (lost.length === 0 && gained.length === 0) return;
  for (const { id } of lost) store.remove('active_entitlement', id);
  for (const id of gained) {
    const lookup_key = store.get('feature', id)?.lookup_key ?? '';
    store.put('active_entitlement', { id: context.ids.next('ent_test', 24), customer, feature: id, lookup_key });
  }
  const now = store.by('active_entitlement', 'customer', customer).map((one) => entitlementShown(one));
  context.emit('entitlements.active_entitlement_summary.updated', {
    object: 'entitlements.active_entitlement_summary',
    customer,
    entitlements: answer(now.slice(0, LISTED), now.length > LISTED, `/v1/customer/${customer}/entitlements`),
    livemode: false,
  });
}

export function entitlementShown({
  id,
  feature,
  lookup_key,
}: {
  id: string;
  feature: string;
  lookup_key: string;
}): Stripe.Entitlements.ActiveEntitlement {
  return { id, object: 'entitlements.active_entitlement', feature, livemode: false, lookup_key };
}

function featuresOf(context: Context, customer: string): Set<string> {
  const live = context.store.by('subscription', 'customer', customer).filter(({ status }) => ENTITLES.has(status));
  const products = new Set(live.flatMap(({ items }) => items.data.map(({ price }) => idOf(price.product))));
  const attached = [...products].flatMap((product) => context.store.by('product_feature', 'product', product));
  return new Set(attached.map(({ feature }) => feature));
}
