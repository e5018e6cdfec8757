import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { Commands } from '../mirror/commands.js';
import { StripeApi } from '../stripe/stripe-api.js';
import { planChanges, productId } from './catalog-changes.js';
import type { Change } from './catalog-changes.js';
import { Catalog } from './catalog.js';

const PAGE = 100;

/** Brings the catalogue to Stripe. A second `apply` finds nothing to do. */
@Injectable()
export class CatalogSync {
  constructor(
    private readonly catalog: Catalog,
    private readonly api: StripeApi,
    private readonly commands: Commands,
  ) {}

  /** What `apply` would do, in order. Changes nothing. */
  async plan(): Promise<Change[]> {
    const products = (await this.products()).filter(({ id, metadata }) => isOurs(id, metadata) || this.sells(id));
    const prices: Stripe.Price[] = [];
    for (const product of products) prices.push(...(await this.activePrices(product.id)));
    return planChanges(this.catalog, products, prices);
  }

  /** @param onChange told of each change that has been made. @throws Failure as `stripe.errors.ts` maps it; what was made stays, and the next run goes on from there. */
  async apply(onChange: (change: Change) => void = () => {}): Promise<Change[]> {
    const changes = await this.plan();
    for (const change of changes) {
      await this.make(change);
      onChange(change);
    }
    return changes;
  }

  private async make(change: Change): Promise<void> {
    switch (change.kind) {
      case 'product.create':
        await this.commands.run(change.kind, change.params, null);
        break;
      case 'product.update':
        await this.commands.run(change.kind, change.params, null);
        break;
      case 'price.create':
        await this.commands.run(change.kind, change.params, null);
        break;
      case 'price.update':
        await this.commands.run(change.kind, change.params, null);
        break;
    }
  }

  /** Archived ones too: an id once given cannot be given again. */
  private products(): Promise<Stripe.Product[]> {
    return this.all((stripe, page) => stripe.products.list(page));
  }

  private activePrices(product: string): Promise<Stripe.Price[]> {
    return this.all((stripe, page) => stripe.prices.list({ ...page, product, active: true }));
  }

  private async all<T extends { id: string }>(
    list: (stripe: Stripe, page: { limit: number; starting_after?: string }) => Promise<Stripe.ApiList<T>>,
  ): Promise<T[]> {
    const found: T[] = [];
    let more = true;
    while (more) {
      const last = found.at(-1);
      const page = { limit: PAGE, ...(last && { starting_after: last.id }) };
      const { object } = await this.api.read((stripe) => list(stripe, page), 'background');
      found.push(...object.data);
      more = object.has_more;
    }
    return found;
  }

  private sells(id: string): boolean {
    return [...this.catalog.plans.keys()].some((plan) => productId(plan) === id);
  }
}

function isOurs(id: string, metadata: Stripe.Metadata): boolean {
  return metadata['plan'] !== undefined && id === productId(metadata['plan']);
}
