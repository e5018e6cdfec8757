import { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import Stripe from 'stripe';
import { MirrorRegistry } from '../../src/mirror/mirror-registry.js';
import type { MirroredObject, StripeObject } from '../../src/mirror/mirrored-object.js';
import { PINNED_API_VERSION } from '../../src/stripe/api-version.js';
import type { World } from '../support/world.js';

/** Speaks to the sandbox behind the house's back. */
export function stripeOf(world: World): Stripe {
  const { hostname, port } = new URL(world.sandbox.url);
  return new Stripe('sk_test_elsewhere', {
    host: hostname,
    port,
    protocol: 'http',
    apiVersion: PINNED_API_VERSION,
    telemetry: false,
  });
}

export function database(world: World): EntityManager {
  return world.get(MikroORM).em.fork();
}

/** Every object of the mirror and of Stripe, as JSON by id: after a reconciliation both are equal. */
export async function bothSides(world: World): Promise<{ mirror: object; stripe: object }> {
  const stripe = stripeOf(world);
  const mirror: Record<string, unknown> = {};
  const theirs: Record<string, unknown> = {};
  for (const definition of world.get(MirrorRegistry).all()) {
    const rows = await database(world).execute<Array<{ id: string; data: unknown }>>(
      `select id, data from ${definition.table} where not deleted`,
    );
    for (const { id, data } of rows) mirror[id] = told(data);
    for (const object of await allOf(stripe, definition)) theirs[object.id] = told(object);
  }
  return { mirror, stripe: theirs };
}

/** As JSON; Stripe counts a customer's invoices on without an event. */
function told(object: unknown): unknown {
  return JSON.parse(
    JSON.stringify(object, (key, value: unknown) => (key === 'next_invoice_sequence' ? undefined : value)),
  );
}

async function allOf(stripe: Stripe, definition: MirroredObject): Promise<StripeObject[]> {
  if (definition.object === 'payment_method') return attachedMethods(stripe);
  const all: StripeObject[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = await definition.list?.(stripe, { limit: 100, ...(last && { starting_after: last.id }) });
    all.push(...(page?.data ?? []));
    if (!page?.has_more) return all;
  }
}

/** Without a customer Stripe lists none of theirs. https://docs.stripe.com/api/payment_methods/list */
async function attachedMethods(stripe: Stripe): Promise<StripeObject[]> {
  const all: StripeObject[] = [];
  for await (const { id } of stripe.customers.list({ limit: 100 })) {
    all.push(...(await stripe.customers.listPaymentMethods(id, { limit: 100 })).data);
  }
  return all;
}
