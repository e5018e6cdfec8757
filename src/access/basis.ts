import { createHash } from 'node:crypto';
import type { Catalog } from '../catalog/catalog.js';
import type { Policies } from './policies.js';

/** Fingerprint of everything in the configuration that access is derived by: rows with another one are out of date. */
export function basisOf(
  { features, plans }: Pick<Catalog, 'features' | 'plans'>,
  { access }: Pick<Policies, 'access'>,
): string {
  const parts = [[...features], [...plans.values()].map((plan) => [plan.id, plan.name, plan.features]), access];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
