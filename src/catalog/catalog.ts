import { Injectable } from '@nestjs/common';
import type { CatalogFile, CatalogPrice, Feature, FeatureValue, Interval } from './catalog-file.js';

export interface Plan {
  id: string;
  name: string;
  description: string | null;
  /** A customer has at most one live subscription of each group. */
  group: string;
  trial_days: number | null;
  /** No longer sold; whoever has it keeps it. */
  archived: boolean;
  prices: readonly CatalogPrice[];
  features: Readonly<Record<string, FeatureValue>>;
}

/** What is sold and what it lets a customer do: `config/catalog.yaml`, looked up. */
@Injectable()
export class Catalog {
  readonly plans: ReadonlyMap<string, Plan>;
  readonly features: ReadonlyMap<string, Feature>;

  constructor(file: CatalogFile) {
    this.features = new Map(Object.entries(file.features));
    this.plans = new Map(
      Object.entries(file.plans).map(([id, plan]) => [
        id,
        {
          ...plan,
          id,
          description: plan.description ?? null,
          trial_days: plan.trial_days ?? null,
          archived: plan.archived ?? false,
        },
      ]),
    );
  }

  price(plan: string, interval: Interval, currency: string): CatalogPrice | undefined {
    return this.plans.get(plan)?.prices.find((price) => price.interval === interval && price.currency === currency);
  }

  /** The plan that a mirrored price sells, also one that is no longer sold. */
  planOf(price: { plan: string | null }): Plan | undefined {
    return price.plan === null ? undefined : this.plans.get(price.plan);
  }
}

/** The lookup key of the price that is sold now. https://docs.stripe.com/products-prices/manage-prices#lookup-keys */
export function priceKey(plan: string, interval: Interval, currency: string): string {
  return `${plan}_${interval}_${currency}`;
}
