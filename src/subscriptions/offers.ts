import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Interval } from '../catalog/catalog-file.js';
import { Catalog, priceKey } from '../catalog/catalog.js';
import type { Plan } from '../catalog/catalog.js';
import { Price } from '../catalog/price.entity.js';
import { InvalidInput } from '../errors/failure.js';
import { CatalogNotApplied } from './subscriptions.errors.js';

export interface Wanted {
  plan: string;
  interval: string;
  /** When not given: the customer's own, else the first in which the plan is sold. */
  currency: string | undefined;
}

/** A plan as it is sold now. */
export interface Offer {
  plan: Plan;
  price: Price;
}

/** Finds what is asked for in the catalogue, and its price at Stripe. */
@Injectable()
export class Offers {
  constructor(private readonly catalog: Catalog) {}

  /** @throws InvalidInput naming what there is. @throws CatalogNotApplied */
  async find(em: EntityManager, wanted: Wanted, customersCurrency: string | null): Promise<Offer> {
    const plan = this.planOf(wanted.plan);
    const interval = intervalOf(plan, wanted.interval);
    const lookup_key = priceKey(plan.id, interval, currencyOf(plan, interval, wanted.currency, customersCurrency));
    const price = await em.findOne(Price, { lookup_key, active: true, deleted: false });
    if (!price) throw new CatalogNotApplied(lookup_key);
    return { plan, price };
  }

  private planOf(id: string): Plan {
    const plan = this.catalog.plans.get(id);
    const sold = [...this.catalog.plans.values()].filter(({ archived }) => !archived).map((known) => known.id);
    if (!plan || plan.archived) throw unknown('/plan', id, 'plan that is sold', sold);
    return plan;
  }
}

function intervalOf(plan: Plan, interval: string): Interval {
  const price = plan.prices.find((candidate) => candidate.interval === interval);
  if (!price)
    throw unknown(
      '/interval',
      interval,
      `interval of the plan ${plan.id}`,
      plan.prices.map((known) => known.interval),
    );
  return price.interval;
}

function currencyOf(plan: Plan, interval: Interval, wanted: string | undefined, customers: string | null): string {
  const currencies = plan.prices.filter((price) => price.interval === interval).map(({ currency }) => currency);
  const known = (currency: string | null) => currencies.find((candidate) => candidate === currency);
  if (wanted === undefined) {
    const currency = known(customers) ?? currencies[0];
    if (currency !== undefined) return currency;
  }
  const currency = known(wanted ?? null);
  if (currency === undefined)
    throw unknown('/currency', String(wanted), `currency of the plan ${plan.id} per ${interval}`, currencies);
  return currency;
}

function unknown(pointer: string, given: string, what: string, known: string[]): InvalidInput {
  return new InvalidInput([
    { pointer, detail: `'${given}' is no ${what}: there are ${[...new Set(known)].join(', ')}.` },
  ]);
}
