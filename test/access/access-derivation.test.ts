import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { AccessDerivation } from '../../src/access/access-derivation.js';
import { AccessJob } from '../../src/access/access.job.js';
import { AccessRefresh } from '../../src/access/access-refresh.js';
import { ACCESS_CHANNEL } from '../../src/access/access-notices.js';
import { Catalog } from '../../src/catalog/catalog.js';
import { MirrorRegistry } from '../../src/mirror/mirror-registry.js';
import { Invoice } from '../../src/payments/invoice.entity.js';
import { Subscription } from '../../src/subscriptions/subscription.entity.js';
import { cloneDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { at, catalog, policies } from './facts.js';
import { NOW, openHouse } from './house.js';
import type { House } from './house.js';
import { addCustomer, addInvoice, addPrice, addSubscription, itemOf } from './rows.js';

let database: TestDatabase;
let house: House;

beforeAll(async () => {
  database = await cloneDatabase();
  house = await openHouse({ url: database.url });
  await house.write(async (em) => {
    for (const plan of catalog.plans.keys()) await addPrice(em, plan);
  });
});

afterAll(async () => {
  await house.close();
});

/** The events of one customer, oldest first. */
async function eventsOf(customer: string) {
  return (await house.events()).filter((event) => event.customer === customer);
}

async function change(columns: Partial<Subscription>): Promise<void> {
  await house.write((em) => em.nativeUpdate(Subscription, { id: 'sub_story' }, columns));
}

async function dueOf(customer: string) {
  return (await house.due()).filter(({ key }) => key === customer);
}

describe('the story of one customer', () => {
  const customer = 'cus_story';

  test('nobody: a row, and nothing to tell', async () => {
    await house.write((em) => addCustomer(em, customer));
    await house.recompute(customer);
    expect(await house.row(customer)).toMatchObject({
      summary: { rule: 'no_subscription', standing: 'none' },
      next_change_at: null,
      cause: 'evt_cus_story',
    });
    expect(await eventsOf(customer)).toEqual([]);
    expect(await house.history(customer)).toEqual([]);
  });

  test('a subscription grants', async () => {
    await house.write((em) => addSubscription(em, 'sub_story', customer));
    await house.recompute(customer);
    expect(await eventsOf(customer)).toMatchObject([
      {
        type: 'access.changed',
        cause: 'evt_cus_story',
        occurred_at: at(NOW),
        data: {
          granted: ['projects', 'api_access', 'support_level'],
          revoked: [],
          changed: [],
          rule: 'paid',
          subscription: 'sub_story',
        },
      },
    ]);
    expect(await dueOf(customer)).toEqual([]);
  });

  test('the same again changes nothing', async () => {
    const before = await house.row(customer);
    house.clock.turn(at('2027-03-06'), 'frozen');
    await house.recompute(customer);
    expect(await house.row(customer)).toEqual(before);
    expect(await eventsOf(customer)).toHaveLength(1);
    expect(await house.history(customer)).toHaveLength(1);
  });

  test('a failed renewal: another reason, nobody is told yet, and the end of grace falls due', async () => {
    await change({ status: 'past_due' });
    await house.write((em) => addInvoice(em, 'in_story', 'sub_story'));
    await house.recompute(customer);
    const end = at('2027-03-10T01:00:00Z');
    expect(await house.row(customer)).toMatchObject({
      next_change_at: end,
      summary: {
        rule: 'grace',
        standing: 'at_risk',
        text: 'Payment of 49.00 EUR failed on 3 March 2027; access stays until 10 March 2027 while it is retried.',
      },
    });
    expect(await dueOf(customer)).toMatchObject([{ job: 'access.recompute', data: { customer }, due_at: end }]);
    expect(await eventsOf(customer)).toHaveLength(1);
    expect((await house.history(customer)).at(-1)).toMatchObject({
      before: { summary: { rule: 'paid' } },
      after: { summary: { rule: 'grace' } },
    });
  });

  test('a job that comes too early by another clock sets the moment again', async () => {
    await house.write((em) =>
      em.getKysely<{ due: { key: string } }>().deleteFrom('due').where('key', '=', customer).execute(),
    );
    await house.get(AccessJob).recompute({ customer });
    expect(await dueOf(customer)).toHaveLength(1);
  });

  test('the end of grace revokes, by time alone', async () => {
    house.clock.turn(at('2027-03-10T01:00:00Z'), 'frozen');
    await house.get(AccessJob).recompute({ customer });
    expect((await eventsOf(customer)).at(-1)).toMatchObject({
      cause: null,
      occurred_at: at('2027-03-10T01:00:00Z'),
      data: { granted: [], revoked: ['projects', 'api_access', 'support_level'], rule: 'grace_ended' },
    });
    expect(await dueOf(customer)).toEqual([]);
  });

  test('paying restores', async () => {
    await change({ status: 'active' });
    await house.write((em) => em.nativeUpdate(Invoice, { id: 'in_story' }, { status: 'paid', amount_remaining: 0 }));
    await house.recompute(customer);
    expect((await eventsOf(customer)).at(-1)?.data).toMatchObject({
      granted: ['projects', 'api_access', 'support_level'],
      rule: 'paid',
    });
  });

  test('a change of plan changes values', async () => {
    await change({ items: [itemOf('starter')] });
    await house.recompute(customer);
    expect((await eventsOf(customer)).at(-1)?.data).toMatchObject({
      granted: [],
      revoked: ['api_access'],
      changed: ['projects', 'support_level'],
    });
    house.clock.turn(at(NOW), 'frozen');
  });
});

test('many customers are brought up to date at once, each by their own facts', async () => {
  const customers = Array.from({ length: 250 }, (_, index) => `cus_many_${index}`);
  await house.write(async (em) => {
    for (const [index, customer] of customers.entries()) {
      await addSubscription(em, `sub_${customer}`, customer, index % 2 === 0 ? {} : { status: 'unpaid' });
    }
  });
  await house.recompute(...customers);
  const rows = await Promise.all(customers.map((customer) => house.row(customer)));
  expect(rows.map((row) => row?.entitlements['api_access']?.allowed)).toEqual(
    customers.map((_, index) => index % 2 === 0),
  );
  const told = (await house.events()).filter(({ customer }) => customer?.startsWith('cus_many_'));
  expect(told).toHaveLength(125);
});

test('open invoices of other subscriptions, drafts, and paid ones do not count', async () => {
  await house.write(async (em) => {
    await addSubscription(em, 'sub_open', 'cus_open', { status: 'past_due' });
    await addInvoice(em, 'in_void', 'sub_open', { status: 'void', finalized_at: at('2027-01-03') });
    await addInvoice(em, 'in_draft', 'sub_open', { status: 'draft', finalized_at: null });
    await addInvoice(em, 'in_nothing_left', 'sub_open', { amount_remaining: 0, finalized_at: at('2027-01-03') });
    await addInvoice(em, 'in_other', 'sub_other', { finalized_at: at('2027-01-03') });
    await addInvoice(em, 'in_open', 'sub_open', {
      finalized_at: at('2027-03-04'),
      amount_remaining: 1234,
      currency: 'usd',
    });
  });
  await house.recompute('cus_open');
  expect((await house.row('cus_open'))?.summary.text).toBe(
    'Payment of 12.34 USD failed on 4 March 2027; access stays until 11 March 2027 while it is retried.',
  );
});

test('plans come from the prices of the items, and from the items while the price is not mirrored', async () => {
  await house.write(async (em) => {
    await addSubscription(em, 'sub_items', 'cus_items', { items: [itemOf('starter'), itemOf('business')] });
    await addSubscription(em, 'sub_early', 'cus_early', { items: [{ ...itemOf('unheard_of'), plan: 'pro' }] });
    await addSubscription(em, 'sub_foreign', 'cus_foreign', { items: [itemOf('unheard_of')] });
  });
  await house.recompute('cus_items', 'cus_early', 'cus_foreign');
  expect((await house.row('cus_items'))?.entitlements['projects']?.value).toBe('unlimited');
  expect((await house.row('cus_early'))?.entitlements['projects']?.value).toBe(50);
  expect((await house.row('cus_foreign'))?.summary.rule).toBe('unknown_plan');
});

test('two derivations of one customer do not overtake each other', async () => {
  const customer = 'cus_race';
  await house.write((em) => addSubscription(em, 'sub_race', customer));
  const derivation = house.get(AccessDerivation);
  const recompute = () => house.write((em) => derivation.recompute(em, new Map([[customer, null]])));
  let second: Promise<void> | undefined;
  await house.write(async (em) => {
    await em.nativeUpdate(Subscription, { id: 'sub_race' }, { status: 'unpaid' });
    await derivation.recompute(em, new Map([[customer, null]]));
    // It begins while the change is not committed: by itself it would read the old status.
    second = recompute();
    await lockWaiters(1);
  });
  await second;
  expect((await house.row(customer))?.summary.rule).toBe('unpaid');
});

test('a rolled-back change leaves no access, no event, no due moment', async () => {
  const customer = 'cus_rollback';
  const work = house.write(async (em) => {
    await addSubscription(em, 'sub_rollback', customer, { cancel_at: at('2027-04-03') });
    await house.get(AccessDerivation).recompute(em, new Map([[customer, null]]));
    throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect(await house.row(customer)).toBeNull();
  expect(await eventsOf(customer)).toEqual([]);
  expect(await dueOf(customer)).toEqual([]);
});

test('what the mirror wrote is derived in its transaction', async () => {
  await house.write(async (em) => {
    await addSubscription(em, 'sub_hook', 'cus_hook');
    const row = {
      object: 'subscription',
      id: 'sub_hook',
      customer: 'cus_hook',
      before: null,
      after: { id: 'sub_hook' },
      cause: 'evt_hook',
    };
    for (const derive of house.get(MirrorRegistry).derivations) await derive(em, [row]);
  });
  expect(await house.row('cus_hook')).toMatchObject({ cause: 'evt_hook', summary: { rule: 'paid' } });
});

test('everybody is notified of whose access was written, and of nobody else', async () => {
  const listener = new pg.Client(database.url);
  await listener.connect();
  const heard: string[] = [];
  listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
  await listener.query(`listen ${ACCESS_CHANNEL}`);
  await house.write((em) => addSubscription(em, 'sub_told', 'cus_told'));
  await house.recompute('cus_told', 'cus_story');
  await house.recompute('cus_told');
  await house.write((em) => em.nativeUpdate(Subscription, { id: 'sub_told' }, { status: 'unpaid' }));
  await house.recompute('cus_told');
  await until(() => heard.length >= 2);
  expect(heard.flatMap((payload) => payload.split(' ')).filter((customer) => customer === 'cus_told')).toHaveLength(2);
  await listener.end();
});

test('a changed catalogue or policy is applied to everybody at the next start', async () => {
  await house.write((em) => addSubscription(em, 'sub_policy', 'cus_policy', { status: 'unpaid' }));
  await house.recompute('cus_policy');
  expect((await house.row('cus_policy'))?.entitlements['projects']?.allowed).toBe(false);

  const lenient = await openHouse({ url: database.url, policies: policies({ unpaid: 'allow' }) });
  const refresh = lenient.get(AccessRefresh);
  refresh.start();
  await refresh.stop();
  await until(async () => {
    refresh.start();
    await refresh.stop();
    return (await lenient.row('cus_policy'))?.entitlements['projects']?.allowed === true;
  });
  expect((await eventsOf('cus_policy')).at(-1)).toMatchObject({
    cause: null,
    data: { granted: ['projects', 'api_access', 'support_level'], rule: 'unpaid' },
  });
  // Nothing changed for this one, and still it need not be looked at again.
  expect(await lenient.row('cus_items')).toMatchObject({ basis: lenient.get(AccessDerivation).basis });
  await lenient.close();
});

test('a feature that leaves the catalogue is revoked', async () => {
  await house.write((em) => addSubscription(em, 'sub_feature', 'cus_feature'));
  await house.recompute('cus_feature');
  const features = Object.fromEntries([...catalog.features].filter(([id]) => id !== 'api_access'));
  const plans = Object.fromEntries(
    [...catalog.plans].map(([id, { name, group, prices, features: values }]) => {
      const { api_access: _, ...rest } = values;
      return [id, { name, group, prices: [...prices], features: rest }];
    }),
  );
  const smaller = await openHouse({ url: database.url, catalog: new Catalog({ features, plans }) });
  await smaller.recompute('cus_feature');
  expect((await eventsOf('cus_feature')).at(-1)?.data).toMatchObject({
    granted: [],
    revoked: ['api_access'],
    changed: [],
  });
  await smaller.close();
});

/** Waits until so many sessions of this database wait for a lock. */
async function lockWaiters(count: number): Promise<void> {
  const client = new pg.Client(database.url);
  await client.connect();
  await until(async () => {
    const { rows } = await client.query<{ waiting: number }>(
      "select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows[0]?.waiting === count;
  });
  await client.end();
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('What was waited for did not come.');
    await wait(5);
  }
}
