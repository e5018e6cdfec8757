import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { World } from '../support/world.js';

let world: World;
let customer: string;

beforeAll(async () => {
  world = await World.open({ now: '2026-01-10T09:00:00Z' });
  const { body } = await world.api.post<{ id: string }>('/v1/customers', {
    external_id: 'ada@lovelace/1',
    email: 'ada@example.com',
  });
  customer = body.id;
  const subscription = {
    customer,
    plan: 'pro',
    interval: 'month',
    currency: 'eur',
    trial_days: 0,
    payment_method: 'pm_card_visa',
  };
  expect((await world.api.post('/v1/subscriptions', subscription)).status).toBe(201);
  await world.sandbox.settle();
});

afterAll(() => world.close());

describe('GET /v1/access/check', () => {
  test('answers with the reason, by either id', async () => {
    for (const ref of [customer, 'ada@lovelace/1']) {
      const { status, body } = await world.api.get(
        `/v1/access/check?customer=${encodeURIComponent(ref)}&feature=projects`,
      );
      expect(status).toBe(200);
      expect(body).toEqual({
        object: 'access_check',
        customer,
        feature: 'projects',
        allowed: true,
        value: 50,
        why: {
          rule: 'paid',
          text: 'Paid until 10 February 2026.',
          subscription: expect.stringMatching(/^sub_/),
          status: 'active',
          event: expect.stringMatching(/^(evt|op|rec)_/),
          until: '2026-02-10T09:00:00.000Z',
        },
        as_of: '2026-01-10T09:00:00.000Z',
        stale: false,
      });
    }
  });

  test('names the features there are when it is asked for another', async () => {
    const { status, body } = await world.api.get(`/v1/access/check?customer=${customer}&feature=project`);
    expect(status).toBe(404);
    expect(body).toMatchObject({
      code: 'feature_not_found',
      detail:
        "There is no feature 'project'; the catalogue has projects, team_members, api_access, audit_log, support_level.",
    });
  });

  test('an unknown customer, a missing and an unknown parameter are told apart', async () => {
    const unknown = await world.api.get('/v1/access/check?customer=nobody&feature=projects');
    expect(unknown).toMatchObject({ status: 404, body: { code: 'customer_not_found' } });
    const missing = await world.api.get(`/v1/access/check?customer=${customer}`);
    expect(missing).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
    const misspelt = await world.api.get(`/v1/access/check?customer=${customer}&feature=projects&featuer=x`);
    expect(misspelt.status).toBe(422);
    expect(JSON.stringify(misspelt.body)).toContain('featuer');
  });

  test('is refused without a key', async () => {
    const { status } = await fetch(new URL(`/v1/access/check?customer=${customer}&feature=projects`, world.api.url));
    expect(status).toBe(401);
  });
});

describe('GET /v1/customers/{customer}/access', () => {
  test('has every feature of the catalogue', async () => {
    const { status, body } = await world.api.get<{ features: Record<string, { allowed: boolean; value: unknown }> }>(
      `/v1/customers/${encodeURIComponent('ada@lovelace/1')}/access`,
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      object: 'access',
      customer,
      summary: { rule: 'paid', standing: 'good' },
      stale: false,
    });
    expect(Object.entries(body.features).map(([feature, { allowed, value }]) => [feature, allowed, value])).toEqual([
      ['projects', true, 50],
      ['team_members', true, 10],
      ['api_access', true, true],
      ['audit_log', false, false],
      ['support_level', true, 'email'],
    ]);
  });

  test('an unknown customer is not found', async () => {
    expect(await world.api.get('/v1/customers/cus_nobody/access')).toMatchObject({
      status: 404,
      body: { code: 'customer_not_found' },
    });
  });
});
