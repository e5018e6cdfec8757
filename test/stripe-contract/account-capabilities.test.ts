import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure } from './support.js';

/** Against Stripe this needs a test account that Connect is switched on for. */
const world = contract();

const express = (params: Stripe.AccountCreateParams = {}) =>
  world.stripe.accounts.create({ type: 'express', country: 'US', email: 'express@example.com', ...params });
const both = { card_payments: { requested: true }, transfers: { requested: true } };

describe('capabilities', () => {
  test('of an account are listed, looked up one by one, and belong to it', async () => {
    const { id } = await express({ capabilities: both });
    const { data, has_more } = await world.stripe.accounts.listCapabilities(id);
    expect(data.map((capability) => capability.id).toSorted((one, other) => one.localeCompare(other))).toEqual([
      'card_payments',
      'transfers',
    ]);
    expect(has_more).toBe(false);
    const one = await world.stripe.accounts.retrieveCapability(id, 'transfers', { expand: ['account'] });
    expect(one).toMatchObject({ id: 'transfers', object: 'capability', account: { id }, requested: true });
    expect(one.requested_at).toEqual(expect.any(Number));
  });

  test('are requested and given back', async () => {
    const { id } = await express({ capabilities: both });
    expect(await world.stripe.accounts.retrieveCapability(id, 'link_payments')).toMatchObject({
      requested: false,
      requested_at: null,
      status: 'unrequested',
    });
    const asked = await world.stripe.accounts.updateCapability(id, 'link_payments', { requested: true });
    expect(asked).toMatchObject({ id: 'link_payments', account: id, requested: true });
    expect((await world.stripe.accounts.retrieve(id)).capabilities).toHaveProperty('link_payments', asked.status);
    const back = await world.stripe.accounts.updateCapability(id, 'link_payments', { requested: false });
    expect(back).toMatchObject({ requested: false, status: 'unrequested' });
    expect((await world.stripe.accounts.retrieve(id)).capabilities).not.toHaveProperty('link_payments');
  });

  test('are also requested with the account itself', async () => {
    const { id } = await express({ capabilities: both });
    const { capabilities } = await world.stripe.accounts.update(id, {
      capabilities: { link_payments: { requested: true } },
    });
    expect(Object.keys(capabilities ?? {})).toEqual(
      expect.arrayContaining(['card_payments', 'link_payments', 'transfers']),
    );
  });

  test('that nobody has are not found', async () => {
    const { id } = await express();
    const error = await failure(world.stripe.accounts.retrieveCapability(id, 'levitation'));
    expect(error).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    const made = await failure(
      world.stripe.rawRequest('POST', '/v1/accounts', { capabilities: { levitation: { requested: true } } }),
    );
    expect(made).toMatchObject({ code: 'parameter_unknown', param: 'capabilities[levitation]' });
  });
});

describe('an account that is rejected', () => {
  test('can neither charge nor be paid out, and says why', async () => {
    const { id } = await express({ capabilities: both });
    const rejected = await world.stripe.accounts.reject(id, { reason: 'fraud_no_intent_to_fulfill' });
    expect(rejected).toMatchObject({
      charges_enabled: false,
      payouts_enabled: false,
      requirements: { disabled_reason: 'rejected.platform_fraud' },
    });
    expect(await world.stripe.accounts.retrieveCapability(id, 'card_payments')).toMatchObject({
      requested: true,
      status: 'inactive',
    });
  });

  test.each([
    ['credit', 'rejected.platform_other'],
    ['other', 'rejected.platform_other'],
    ['terms_of_service', 'rejected.platform_terms_of_service'],
  ] as const)('for %s is %s', async (reason, disabled_reason) => {
    const { id } = await express();
    await world.stripe.accounts.reject(id, { reason });
    expect((await world.stripe.accounts.retrieve(id)).requirements).toMatchObject({ disabled_reason });
  });

  test('can be taken back', async () => {
    const { id } = await express({ capabilities: both });
    await world.stripe.accounts.reject(id, { reason: 'other' });
    const { requirements } = await world.stripe.accounts.unreject(id);
    expect(requirements?.disabled_reason).not.toBe('rejected.platform_other');
  });

  test('has to be one that the platform answers for', async () => {
    const { id } = await world.stripe.accounts.create({ type: 'standard', country: 'US' });
    await failure(world.stripe.accounts.reject(id, { reason: 'other' }));
    expect((await world.stripe.accounts.retrieve(id)).requirements?.disabled_reason).not.toBe(
      'rejected.platform_other',
    );
  });

  test('needs one of Stripe’s reasons', async () => {
    const { id } = await express();
    const error = await failure(world.stripe.accounts.reject(id, { reason: 'fraud' }));
    expect(error).toMatchObject({ statusCode: 400, param: 'reason' });
  });

  test('was rejected before it is taken back', async () => {
    const { id } = await express();
    expect(await failure(world.stripe.accounts.unreject(id))).toMatchObject({ statusCode: 400 });
  });
});

test('a login link is for express accounts only', async () => {
  const custom = await world.stripe.accounts.create({ type: 'custom', country: 'US' });
  expect(await failure(world.stripe.accounts.createLoginLink(custom.id))).toMatchObject({ statusCode: 400 });
});
