import { isDeepStrictEqual } from 'node:util';
import { AccessDerivation } from '../../src/access/access-derivation.js';
import { Clock } from '../../src/database/clock.js';
import { Transactions } from '../../src/database/transactions.js';
import type { HouseParts } from './house-parts.js';
import type { World } from './world.js';

interface Stored extends Record<string, unknown> {
  customer: string;
  entitlements: Record<string, { allowed: boolean }> | null;
  summary: object | null;
}

/** How many customers are asked about over HTTP: each answer is one more request. */
const ASKED = 100;
const FEATURE = 'api_access';

/** Where access is not what the pure function makes of the mirror and the policy now, in the table or over HTTP. */
export async function accessDrift(world: World, parts: HouseParts): Promise<string[]> {
  parts.get(Clock).turn(world.now, 'frozen');
  const derivation = parts.get(AccessDerivation);
  const em = parts.get(Transactions).reader();
  const drift: string[] = [];
  const stored = await world.database.query<Stored>(
    `select c.id as customer, a.entitlements, a.summary from customers c left join access a on a.customer = c.id where not c.deleted`,
  );
  for (const [index, { customer, entitlements, summary }] of stored.entries()) {
    const derived = await derivation.peek(em, customer);
    const truth = JSON.parse(JSON.stringify({ entitlements: derived.entitlements, summary: derived.summary }));
    if (summary !== null && !isDeepStrictEqual({ entitlements, summary }, truth))
      drift.push(
        `access of ${customer} is ${JSON.stringify(summary)}, and follows as ${JSON.stringify(truth.summary)}`,
      );
    if (index >= ASKED) continue;
    const path = `/v1/access/check?customer=${customer}&feature=${FEATURE}`;
    const { body } = await world.app.ask<{ allowed?: boolean }>('GET', path);
    if (body.allowed !== derived.entitlements[FEATURE]?.allowed)
      drift.push(`GET ${path} answers ${JSON.stringify(body)}, and ${JSON.stringify(truth.summary)} follows`);
  }
  return drift;
}
