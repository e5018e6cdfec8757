import type { Feature, FeatureValue } from '../catalog/catalog-file.js';
import type { KnownAccess } from './access-cache.js';
import type { Entitlement, Why } from './entitlement.js';

const why: Why = {
  rule: 'fallback',
  text: 'Nothing is known of this customer and the database cannot be reached, so the fallback of the feature holds.',
  subscription: null,
  status: null,
  event: null,
  until: null,
};

/** What holds for a customer of whom nothing is known while nothing can be found out: each feature's own `fallback`. */
export function fallbackAccess(customer: string, features: ReadonlyMap<string, Feature>): KnownAccess {
  const entitlements = [...features].map(([id, feature]) => [id, entitlementTo(feature)] as const);
  const summary = { rule: why.rule, text: why.text, subscription: null, standing: 'unknown' as const };
  return { customer, entitlements: Object.fromEntries(entitlements), summary, next_change_at: null };
}

function entitlementTo(feature: Feature): Entitlement {
  const allowed = feature.fallback === 'allow';
  return { type: feature.type, allowed, value: valueOf(feature, allowed), why };
}

function valueOf(feature: Feature, allowed: boolean): FeatureValue | null {
  if (feature.type === 'boolean') return allowed;
  if (feature.type === 'limit') return allowed ? 'unlimited' : 0;
  return allowed ? (feature.values[0] ?? null) : null;
}
