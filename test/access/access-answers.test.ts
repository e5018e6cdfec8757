import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { AccessAnswers } from '../../src/access/access-answers.js';
import { ACCESS_CHANNEL } from '../../src/access/access-notices.js';
import { AccessRow } from '../../src/access/access.entity.js';
import { CustomerNotFound } from '../../src/customers/customers.errors.js';
import { CustomerIds } from '../../src/customers/customer-ids.js';
import { bindExternalIds } from '../../src/customers/external-ids.js';
import { MirrorRegistry } from '../../src/mirror/mirror-registry.js';
import { Subscription } from '../../src/subscriptions/subscription.entity.js';
import { cloneDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { cuttable } from './cuttable-database.js';
import { at, catalog } from './facts.js';
import { NOW, openHouse } from './house.js';
import type { House } from './house.js';
import { addCustomer, addPrice, addSubscription } from './rows.js';

const HOUR_MS = 3_600_000;

let database: TestDatabase;
let network: Awaited<ReturnType<typeof cuttable>>;
/** Reads over a network that is cut; `other` is another process, which keeps its own way to the database. */
let house: House;
let other: House;
let answers: AccessAnswers;
/** The notifications that `house` has got, in order. */
const heard: string[] = [];

beforeAll(async () => {
  database = await cloneDatabase();
  network = await cuttable(database.url);
  house = await openHouse({ url: network.url });
  other = await openHouse({ url: database.url });
  answers = house.get(AccessAnswers);
  await house.listener.listen(ACCESS_CHANNEL, (payload) => heard.push(...payload.split(' ')));
  await other.write(async (em) => {
    for (const plan of catalog.plans.keys()) await addPrice(em, plan);
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  network.mend();
  house.clock.turn(at(NOW), 'frozen');
  await until(() => house.listener.connected);
});

afterAll(async () => {
  await house.close();
  await other.close();
  await network.close();
});

/** A customer who pays for Pro, known to the database and not yet to anybody's memory. */
async function payingCustomer(name: string, columns: Partial<Subscription> = {}): Promise<string> {
  const id = `cus_${name}`;
  await other.write(async (em) => {
    await addCustomer(em, id, `user-${name}`);
    await addSubscription(em, `sub_${name}`, id, columns);
  });
  await other.recompute(id);
  await until(() => heard.includes(id));
  return id;
}

async function stopPaying(name: string): Promise<void> {
  await other.write((em) => em.nativeUpdate(Subscription, { id: `sub_${name}` }, { status: 'unpaid' }));
  await other.recompute(`cus_${name}`);
}

async function projectsOf(ref: string) {
  const { entitlements, stale, as_of } = await answers.of(ref);
  return {
    allowed: entitlements['projects']?.allowed,
    value: entitlements['projects']?.value,
    rule: entitlements['projects']?.why.rule,
    stale,
    as_of,
  };
}

describe('with the database', () => {
  test('answers by either id, from memory the second time', async () => {
    const id = await payingCustomer('memory');
    expect(await projectsOf('user-memory')).toEqual({
      allowed: true,
      value: 50,
      rule: 'paid',
      stale: false,
      as_of: at(NOW),
    });
    const resolve = jest.spyOn(house.get(CustomerIds), 'resolve');
    expect((await answers.of('user-memory')).customer).toBe(id);
    expect(resolve).not.toHaveBeenCalled();
    expect((await answers.of(id)).customer).toBe(id);
    expect(resolve).toHaveBeenCalledTimes(1);
  });

  test('a change by another process is heard at once, under every name', async () => {
    const id = await payingCustomer('heard');
    await answers.of(id);
    await answers.of('user-heard');
    await stopPaying('heard');
    await until(async () => (await projectsOf(id)).allowed === false);
    await until(async () => (await projectsOf('user-heard')).allowed === false);
  });

  test('an unknown customer is not found', async () => {
    await expect(answers.of('user-nobody')).rejects.toThrow(CustomerNotFound);
    await expect(answers.of('cus_nobody')).rejects.toThrow(CustomerNotFound);
  });

  test('a customer of whom nothing was derived yet is derived as asked', async () => {
    await other.write(async (em) => {
      await addCustomer(em, 'cus_new');
      await addSubscription(em, 'sub_new', 'cus_new');
    });
    expect(await projectsOf('cus_new')).toMatchObject({ allowed: true, value: 50 });
    expect(await other.row('cus_new')).toBeNull();
  });

  test('a row of another catalogue or policy is not believed', async () => {
    await payingCustomer('outdated');
    await other.write((em) =>
      em.nativeUpdate(AccessRow, { customer: 'cus_outdated' }, { basis: 'another', entitlements: {} }),
    );
    expect(await projectsOf('cus_outdated')).toMatchObject({ allowed: true, value: 50 });
  });

  test('what time has ended is not answered from memory, although no job has run', async () => {
    await payingCustomer('timed', { cancel_at: at('2027-03-20') });
    expect(await projectsOf('cus_timed')).toMatchObject({ allowed: true, rule: 'cancels_at_period_end' });
    house.clock.turn(at('2027-03-20'), 'frozen');
    expect(await projectsOf('cus_timed')).toMatchObject({ allowed: false, rule: 'canceled', stale: false });
  });

  test("a deleted customer's external_id may go to somebody else", async () => {
    await payingCustomer('leaving');
    expect((await answers.of('user-leaving')).customer).toBe('cus_leaving');
    const gone = {
      object: 'customer',
      id: 'cus_leaving',
      customer: 'cus_leaving',
      before: { id: 'cus_leaving' },
      after: null,
      cause: null,
    };
    await other.write(async (em) => {
      await bindExternalIds(em, [gone]);
      for (const derive of other.get(MirrorRegistry).derivations) await derive(em, [gone]);
    });
    await other.write((em) => addCustomer(em, 'cus_successor', 'user-leaving'));
    await until(async () => (await answers.of('user-leaving')).customer === 'cus_successor');
  });
});

describe('without the database', () => {
  test('the last known answer, marked stale, as of when changes were last heard', async () => {
    await payingCustomer('stale');
    await answers.of('cus_stale');
    await cut();
    house.clock.turn(at('2027-03-05T00:10:00Z'), 'frozen');
    expect(await projectsOf('cus_stale')).toEqual({
      allowed: true,
      value: 50,
      rule: 'paid',
      stale: true,
      as_of: at(NOW),
    });
  });

  test('changes that went unheard are seen after the connection is back', async () => {
    await payingCustomer('unheard');
    await answers.of('cus_unheard');
    await cut();
    await stopPaying('unheard');
    expect(await projectsOf('cus_unheard')).toMatchObject({ allowed: true, stale: true });
    network.mend();
    await until(() => house.listener.connected);
    expect(await projectsOf('cus_unheard')).toMatchObject({ allowed: false, stale: false });
  });

  test('longer than the policy allows: the fallback of each feature', async () => {
    await payingCustomer('old');
    await answers.of('cus_old');
    await cut();
    const machine = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => machine + HOUR_MS - 60_000);
    expect((await projectsOf('cus_old')).rule).toBe('paid');
    jest.spyOn(performance, 'now').mockImplementation(() => machine + HOUR_MS + 60_000);
    const { entitlements, summary, stale } = await answers.of('cus_old');
    expect(entitlements['projects']).toMatchObject({ allowed: true, value: 'unlimited', why: { rule: 'fallback' } });
    expect(entitlements['api_access']).toMatchObject({ allowed: false, value: false, why: { rule: 'fallback' } });
    expect(entitlements['support_level']).toMatchObject({ allowed: false, value: null });
    expect({ standing: summary.standing, stale }).toEqual({ standing: 'unknown', stale: true });
  });

  test('a customer not known: the fallback of each feature', async () => {
    await cut();
    expect(await projectsOf('user-never-seen')).toMatchObject({
      allowed: true,
      value: 'unlimited',
      rule: 'fallback',
      stale: true,
    });
  });

  test('a database that takes connections and never answers is given up on', async () => {
    await payingCustomer('hanging');
    network.hang();
    await until(() => !house.listener.connected);
    const begun = performance.now();
    expect(await projectsOf('cus_hanging')).toMatchObject({ rule: 'fallback' });
    expect(performance.now() - begun).toBeLessThan(4000);
  });

  test('while only the notifications are lost, what is read is not remembered', async () => {
    await payingCustomer('deaf');
    jest.spyOn(house.listener, 'connected', 'get').mockReturnValue(false);
    expect(await projectsOf('cus_deaf')).toMatchObject({ allowed: true, stale: false });
    await stopPaying('deaf');
    expect(await projectsOf('cus_deaf')).toMatchObject({ allowed: false, stale: false });
  });
});

async function cut(): Promise<void> {
  network.cut();
  await until(() => !house.listener.connected);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('What was waited for did not come.');
    await wait(5);
  }
}
