import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Place } from './place.js';
import type { Server } from './server.js';
import { until } from '../support/query.js';

jest.setTimeout(300_000);

let place: Place;

beforeEach(async () => {
  place = await Place.make();
});

afterEach(async () => {
  await place.clear();
});

/** What the first start is to bring, whoever interrupts it. */
const STANDINGS = {
  ada: 'yes: paid',
  alan: 'yes: paid',
  barbara: 'yes: paid',
  dennis: 'no: no_subscription',
  donald: 'no: canceled',
  edsger: 'no: canceled',
  frances: 'yes: cancels_at_period_end',
  grace: 'yes: paid',
  john: 'yes: grace',
  ken: 'no: incomplete',
  margaret: 'no: grace_ended',
  niklaus: 'yes: trial',
  radia: 'yes: trial',
};

test('sample customers: broken off by Ctrl-C, then by a kill, then made to their end, once each', async () => {
  const first = await place.start({ args: [] });
  await first.says('Making sample customers');
  await until(async () => (await customers(first)) >= 3);
  const begun = performance.now();
  expect(await first.stop('SIGINT')).toBe(0);
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(first.stderr).toBe('');

  const second = await place.start({ args: [] });
  await until(async () => (await customers(second)) >= 8);
  await place.kill(second);

  const third = await place.start({ args: [] });
  await third.says('13 sample customers are there');
  expect(await customers(third)).toBe(13);
  expect(await standings(third)).toEqual(STANDINGS);
  expect(await third.stop()).toBe(0);
});

async function customers(server: Server): Promise<number> {
  return (await server.api.get<{ data: object[] }>('/v1/customers?limit=100')).body.data.length;
}

async function standings(server: Server): Promise<Record<string, string>> {
  const { body } = await server.api.get<{ data: Array<{ external_id: string }> }>('/v1/customers?limit=100');
  const found: Record<string, string> = {};
  for (const { external_id } of body.data) {
    const access = await server.api.get<{ allowed: boolean; why: { rule: string } }>(
      `/v1/access/check?customer=${external_id}&feature=projects`,
    );
    found[external_id] = `${access.body.allowed ? 'yes' : 'no'}: ${access.body.why.rule}`;
  }
  return found;
}
