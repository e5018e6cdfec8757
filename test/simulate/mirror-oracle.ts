import { isDeepStrictEqual } from 'node:util';
import type Stripe from 'stripe';
import { MirrorRegistry } from '../../src/mirror/mirror-registry.js';
import type { MirroredObject, StripeObject } from '../../src/mirror/mirrored-object.js';
import type { HouseParts } from './house-parts.js';
import type { World } from './world.js';

const PAGE = 100;

/** Stripe changes these without an event, so that no mirror can follow; nothing of ours reads them. */
const UNTOLD = new Set(['customer.next_invoice_sequence']);

/** Where the mirror differs from Stripe, object by object and field by field, a page at a time. */
export async function mirrorDrift(world: World, parts: HouseParts): Promise<string[]> {
  const drift: string[] = [];
  for (const definition of parts.get(MirrorRegistry).all()) {
    const listed = new Set<string>();
    for await (const page of pagesOf(world.stripe, definition)) {
      for (const { id } of page) listed.add(id);
      drift.push(...(await differencesOf(world, definition, page)));
    }
    drift.push(...(await unlistedOf(world, definition, listed)));
  }
  return drift;
}

/**
 * Events should have brought everything: what an object sweep had to repair went wrong, unless an event of that very object
 * had happened by then and was handled only later, because it was dropped, late, or in the way of a fault.
 */
export async function repairedBySweeps({ database }: World): Promise<string[]> {
  // When a difference was found in machine time, its id tells (UUIDv7); `created_at` is business time.
  const rows = await database.query<{ class: string; object_type: string; object_id: string; detail: object }>(
    `select d.class, d.object_type, d.object_id, d.detail from differences d
     where d.class <> 'missed_event' and not exists (
       select from inbound_events i
       where i.object = d.object_id and i.created <= d.created_at
         and i.handled_at > uuid_extract_timestamp(right(d.id, 32)::uuid) - interval '1 second'
     ) order by d.id`,
  );
  return rows.map(
    ({ class: kind, object_type, object_id, detail }) =>
      `an object sweep found ${kind} at ${object_type} ${object_id}: ${JSON.stringify(detail)}`,
  );
}

async function differencesOf(
  { database }: World,
  { table, object }: MirroredObject,
  page: StripeObject[],
): Promise<string[]> {
  const rows = await database.query<{ id: string; data: unknown; deleted: boolean }>(
    `select id, data, deleted from ${table} where id = any($1::text[])`,
    [page.map(({ id }) => id)],
  );
  const mirrored = new Map(rows.map((row) => [row.id, row]));
  return page.flatMap((theirs) => {
    const ours = mirrored.get(theirs.id);
    const name = `${object} ${theirs.id}`;
    if (!ours) return [`${name} is not in the mirror`];
    if (ours.deleted) return [`${name} is deleted in the mirror, and lives at Stripe`];
    return fieldsOf(ours.data, JSON.parse(JSON.stringify(theirs)), name);
  });
}

/** What the mirror has and Stripe does not list (the cards of deleted customers) is asked for one by one. */
async function unlistedOf(world: World, definition: MirroredObject, listed: Set<string>): Promise<string[]> {
  const rows = await world.database.query<{ id: string }>(`select id from ${definition.table} where not deleted`);
  const drift: string[] = [];
  for (const { id } of rows.filter((row) => !listed.has(row.id))) {
    const theirs = await definition.retrieve(world.stripe, id).catch(() => null);
    if (theirs === null || !('object' in theirs))
      drift.push(`${definition.object} ${id} is in the mirror, and not at Stripe`);
    else drift.push(...(await differencesOf(world, definition, [theirs])));
  }
  return drift;
}

function fieldsOf(ours: unknown, theirs: unknown, path: string): string[] {
  if (isDeepStrictEqual(ours, theirs)) return [];
  if (!isHash(ours) || !isHash(theirs))
    return [`${path} is ${JSON.stringify(ours)} in the mirror, and ${JSON.stringify(theirs)} at Stripe`];
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    .filter((key) => !UNTOLD.has(`${String(theirs['object'])}.${key}`))
    .flatMap((key) => fieldsOf(ours[key], theirs[key], `${path}, ${key}`));
}

function isHash(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function* pagesOf(stripe: Stripe, definition: MirroredObject): AsyncGenerator<StripeObject[]> {
  // Without a customer Stripe lists none of theirs. https://docs.stripe.com/api/payment_methods/list
  if (definition.object === 'payment_method') {
    for await (const { id } of stripe.customers.list({ limit: PAGE }))
      yield (await stripe.customers.listPaymentMethods(id, { limit: PAGE })).data;
    return;
  }
  for (let after: string | undefined; ;) {
    const page = await definition.list?.(stripe, {
      limit: PAGE,
      ...(after !== undefined && { starting_after: after }),
    });
    if (page) yield page.data;
    after = page?.data.at(-1)?.id;
    if (!page?.has_more || after === undefined) return;
  }
}
