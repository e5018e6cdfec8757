import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Runtime } from '../../config/runtime.js';
import { parseCatalog } from '../../src/catalog/catalog-file.js';
import { catalogCommand } from '../../src/catalog/catalog-command.js';
import { CatalogSync } from '../../src/catalog/catalog-sync.js';
import { Catalog } from '../../src/catalog/catalog.js';
import { Price } from '../../src/catalog/price.entity.js';
import { priceMirror } from '../../src/catalog/price-from-stripe.js';
import { productMirror } from '../../src/catalog/product-from-stripe.js';
import { ENV } from '../../src/database/env.token.js';
import { Transactions } from '../../src/database/transactions.js';
import { Commands } from '../../src/mirror/commands.js';
import { MirrorRegistry } from '../../src/mirror/mirror-registry.js';
import { Mirror } from '../../src/mirror/mirror.js';
import { Refetch } from '../../src/mirror/refetch.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { StripeApi } from '../../src/stripe/stripe-api.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';

let sandbox: Sandbox;
let room: Room;
let api: StripeApi;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, seed: 1 });
  const sandboxed = {
    provide: StripeApi,
    useFactory: (env: Runtime) => new StripeApi({ ...env, stripe: { ...env.stripe, sandboxUrl: sandbox.url } }),
    inject: [ENV],
  };
  room = await openRoom([sandboxed, MirrorRegistry, Mirror, Refetch, Commands]);
  api = room.get(StripeApi);
  room.get(MirrorRegistry).mirror(priceMirror, productMirror);
});

afterAll(async () => {
  await sandbox.close();
  await room.close();
});

/** The catalogue in a file, with one amount in it. */
function syncOf(amount: number, archived = false): CatalogSync {
  const text = `
features: { api_access: { type: boolean, fallback: deny } }
plans:
  pro:
    name: Pro
    group: main
    archived: ${archived}
    prices:
      - { interval: month, currency: eur, amount: ${amount} }
      - { interval: year, currency: usd, amount: 49000 }
    features: { api_access: true }
`;
  return new CatalogSync(new Catalog(parseCatalog(text)), api, room.get(Commands));
}

async function sold() {
  const { object } = await api.read((stripe) => stripe.prices.list({ product: 'gs_pro', limit: 100 }));
  return object.data
    .map(({ id, active, unit_amount, lookup_key, metadata }) => ({
      id,
      active,
      unit_amount,
      lookup_key,
      plan: metadata['plan'],
    }))
    .toSorted((a, b) => (a.unit_amount ?? 0) - (b.unit_amount ?? 0));
}

/** What the command says, and its exit code. */
async function run(sync: CatalogSync, ...args: string[]) {
  const said: string[] = [];
  const code = await catalogCommand(sync, args, (text) => said.push(text));
  return { code, said: said.join('') };
}

describe('the catalogue at Stripe', () => {
  test('a plan changes nothing', async () => {
    expect(await run(syncOf(4900), 'plan')).toEqual({
      code: 0,
      said: `would create product gs_pro "Pro"
would create price pro_month_eur: 4900 eur per month
would create price pro_year_usd: 49000 usd per year
To do so: npm run catalog -- apply
`,
    });
    expect(await sold()).toEqual([]);
  });

  test('is made, and made once', async () => {
    expect((await run(syncOf(4900), 'apply')).said).toContain(
      'Stripe agrees with config/catalog.yaml now (3 changes).',
    );
    const first = await sold();
    expect(first).toMatchObject([
      { active: true, unit_amount: 4900, lookup_key: 'pro_month_eur', plan: 'pro' },
      { active: true, unit_amount: 49000, lookup_key: 'pro_year_usd', plan: 'pro' },
    ]);
    expect(await run(syncOf(4900), 'apply')).toEqual({ code: 0, said: 'Stripe agrees with config/catalog.yaml.\n' });
    expect(await sold()).toEqual(first);
  });

  test('another amount is another price; the old one stays for whoever has it', async () => {
    const [old] = await sold();
    await syncOf(5900).apply();
    expect(await sold()).toMatchObject([
      { id: old?.id, active: false, unit_amount: 4900, lookup_key: null, plan: 'pro' },
      { active: true, unit_amount: 5900, lookup_key: 'pro_month_eur', plan: 'pro' },
      { active: true, unit_amount: 49000, lookup_key: 'pro_year_usd' },
    ]);
    expect(await syncOf(5900).plan()).toEqual([]);
  });

  test('the mirror has both, and knows the plan of the old one', async () => {
    const rows = await room
      .get(Transactions)
      .reader()
      .find(Price, { currency: 'eur' }, { orderBy: { unit_amount: 'asc' } });
    expect(rows).toMatchObject([
      { unit_amount: 4900, active: false, plan: 'pro' },
      { unit_amount: 5900, active: true, plan: 'pro', lookup_key: 'pro_month_eur' },
    ]);
  });

  test('an archived plan is sold no longer, and can be sold again', async () => {
    await syncOf(5900, true).apply();
    expect((await sold()).filter(({ active }) => active)).toEqual([]);
    await syncOf(5900).apply();
    expect((await sold()).filter(({ active }) => active).map(({ unit_amount }) => unit_amount)).toEqual([5900, 49000]);
    expect(await syncOf(5900).plan()).toEqual([]);
  });

  test('the command wants to be told what to do', async () => {
    for (const args of [[], ['aply'], ['apply', 'now']]) {
      expect(await run(syncOf(1), ...args)).toEqual({
        code: 2,
        said: expect.stringContaining('Usage: npm run catalog -- plan'),
      });
    }
    expect((await sold()).some(({ unit_amount }) => unit_amount === 1)).toBe(false);
  });
});
