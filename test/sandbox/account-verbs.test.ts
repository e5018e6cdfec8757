import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { Receiver, TestSandbox } from './support.js';

let world: TestSandbox;
beforeAll(async () => {
  world = await TestSandbox.start();
});
afterAll(() => world.close());

const made = (type: 'custom' | 'express' | 'standard') =>
  world.stripe.accounts.create({
    type,
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
  });
/** What was told of an account, oldest first, with what changed. */
const told = async (stripeAccount: string) => {
  const { data } = await world.stripe.events.list({ limit: 100 }, { stripeAccount });
  return data.toReversed().map(({ data: about, type }) => ({ type, ...about }));
};
const types = async (account: string) => (await told(account)).map(({ type }) => type);

describe('nobody onboards, so an account', () => {
  test('can at once do what it asked for, and nothing is required of it', async () => {
    const account = await made('express');
    expect(account).toMatchObject({
      capabilities: { card_payments: 'active', transfers: 'active' },
      controller: { requirement_collection: 'stripe', stripe_dashboard: { type: 'express' } },
      external_accounts: { object: 'list', data: [] },
      requirements: { currently_due: [], disabled_reason: null, eventually_due: [], past_due: [] },
    });
    const asked = await world.stripe.accounts.updateCapability(account.id, 'link_payments', { requested: true });
    expect(asked).toMatchObject({ status: 'active', requirements: { currently_due: [], disabled_reason: null } });
  });

  test('of the Express kind can be logged in to', async () => {
    const { id } = await made('express');
    const link = await world.stripe.accounts.createLoginLink(id);
    expect(link).toEqual({ object: 'login_link', created: expect.any(Number), url: expect.stringContaining(id) });
  });

  test('that is taken back can do again what it could', async () => {
    const { id } = await made('custom');
    const { payouts_enabled } = await world.stripe.accounts.reject(id, { reason: 'other', payouts_action: 'none' });
    expect(payouts_enabled).toBe(true);
    const late = await world.stripe.accounts.updateCapability(id, 'link_payments', { requested: true });
    expect(late.status).toBe('inactive');
    expect(await world.stripe.accounts.unreject(id)).toMatchObject({
      capabilities: { card_payments: 'active', link_payments: 'active', transfers: 'active' },
      charges_enabled: true,
      payouts_enabled: true,
      requirements: { disabled_reason: null },
    });
  });

  test('the own account has none of this', async () => {
    const { id } = await world.stripe.accounts.retrieveCurrent();
    await expect(world.stripe.accounts.reject(id, { reason: 'other' })).rejects.toMatchObject({ statusCode: 400 });
    await expect(world.stripe.accounts.listPersons(id)).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe('a person', () => {
  test('is verified as soon as there is a name, a date of birth and a proof', async () => {
    const { id } = await made('custom');
    const { id: person, verification } = await world.stripe.accounts.createPerson(id, {
      first_name: 'Jane',
      last_name: 'Diaz',
      dob: { day: 1, month: 1, year: 1901 },
      relationship: { executive: true },
    });
    expect(verification?.status).toBe('unverified');
    const proven = await world.stripe.accounts.updatePerson(id, person, {
      verification: { document: { front: 'file_identity_document_success' } },
    });
    expect(proven.verification).toMatchObject({
      status: 'verified',
      document: { front: 'file_identity_document_success' },
    });
    await expect(world.stripe.accounts.deletePerson(id, person)).rejects.toThrow(/only verified executive/);
  });

  test('shows documents that were uploaded, and no others', async () => {
    const { id } = await made('custom');
    const file = await world.stripe.files.create({
      purpose: 'identity_document',
      file: { data: Buffer.from('%PDF-1.4'), name: 'passport.pdf', type: 'application/pdf' },
    });
    const person = await world.stripe.accounts.createPerson(id, {
      verification: { document: { front: file.id } },
      expand: ['verification.document.front'],
    });
    expect(person.verification?.document?.front).toMatchObject({ id: file.id, object: 'file' });
    const call = world.stripe.accounts.createPerson(id, { verification: { document: { back: 'file_none' } } });
    await expect(call).rejects.toMatchObject({
      code: 'resource_missing',
      param: 'verification[document][back]',
    });
  });
});

describe('what happens to an account is told as its own', () => {
  test('when its capabilities change', async () => {
    const { id } = await made('custom');
    await world.stripe.accounts.updateCapability(id, 'link_payments', { requested: true });
    const [, , asked, updated, ...more] = await told(id);
    expect(await types(id)).toEqual([
      'capability.updated',
      'capability.updated',
      'capability.updated',
      'account.updated',
    ]);
    expect(asked).toMatchObject({
      object: { id: 'link_payments', status: 'active' },
      previous_attributes: { requested: false, requested_at: null, status: 'unrequested' },
    });
    expect(updated?.previous_attributes).toEqual({ capabilities: { link_payments: null } });
    expect(more).toEqual([]);
  });

  test('when its external accounts change', async () => {
    const { id } = await made('custom');
    const add = (external_account: string) => world.stripe.accounts.createExternalAccount(id, { external_account });
    const [first, second] = [await add('btok_us_verified'), await add('tok_visa_debit_us_transferSuccess')];
    await world.stripe.accounts.updateExternalAccount(id, second.id, { default_for_currency: true });
    await world.stripe.accounts.updateExternalAccount(id, second.id, { default_for_currency: true });
    await world.stripe.accounts.deleteExternalAccount(id, first.id);
    expect((await types(id)).slice(2)).toEqual([
      'account.external_account.created',
      'account.updated',
      'account.external_account.created',
      'account.updated',
      'account.external_account.updated',
      'account.external_account.updated',
      'account.updated',
      'account.external_account.deleted',
      'account.updated',
    ]);
  });

  test('when persons come, change and go, to the endpoints of connected accounts alone', async () => {
    const [own, connect] = [await Receiver.start(), await Receiver.start()];
    await world.stripe.webhookEndpoints.create({ url: own.url, enabled_events: ['*'] });
    await world.stripe.webhookEndpoints.create({ url: connect.url, enabled_events: ['*'], connect: true });
    const { id } = await made('standard');
    const person = await world.stripe.accounts.createPerson(id, { first_name: 'Jane' });
    await world.stripe.accounts.updatePerson(id, person.id, { first_name: 'Ada' });
    await world.stripe.accounts.deletePerson(id, person.id);
    await world.control('POST', 'settle');
    expect(own.types()).toEqual([]);
    expect(connect.types().filter((type) => type.startsWith('person.'))).toEqual([
      'person.created',
      'person.updated',
      'person.deleted',
    ]);
    expect(connect.received.every(({ body }) => body.includes(`"account":"${id}"`))).toBe(true);
    await Promise.all([own.close(), connect.close()]);
  });
});

describe('an external account', () => {
  test.each([
    ['DE', 'DE89370400440532013000', undefined, 'eur', '3000'],
    ['FR', 'FR14 2004 1010 0505 0001 3M02 606', undefined, 'eur', '2606'],
    ['GB', '00012345', '108800', 'gbp', '2345'],
    ['CA', '000123456789', '11000-000', 'cad', '6789'],
    ['AU', '000123456', '110000', 'aud', '3456'],
  ])('of %s is made of %s', async (country, account_number, routing_number, currency, last4) => {
    const { id } = await made('custom');
    const external_account: Stripe.AccountCreateExternalAccountParams.BankAccount = {
      object: 'bank_account',
      country,
      account_number,
      ...(routing_number !== undefined && { routing_number }),
    };
    expect(await world.stripe.accounts.createExternalAccount(id, { external_account })).toMatchObject({
      country,
      currency,
      last4,
      routing_number: routing_number ?? null,
    });
  });

  test('of a country without test numbers here is refused by name', async () => {
    const { id } = await made('custom');
    const external_account = { object: 'bank_account', country: 'JP', account_number: '0001234' } as const;
    await expect(world.stripe.accounts.createExternalAccount(id, { external_account })).rejects.toThrow(/JP/);
  });

  test('takes no fields of the other kind, and stays the default until another is', async () => {
    const { id } = await made('custom');
    const bank = await world.stripe.accounts.createExternalAccount(id, { external_account: 'btok_us_verified' });
    const change = (params: Stripe.AccountUpdateExternalAccountParams) =>
      world.stripe.accounts.updateExternalAccount(id, bank.id, params);
    await expect(change({ exp_month: '4' })).rejects.toMatchObject({ code: 'parameter_unknown', param: 'exp_month' });
    await expect(change({ default_for_currency: false })).rejects.toMatchObject({ param: 'default_for_currency' });
  });
});

test('two accounts keep what is theirs apart, also after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  const stateFile = join(folder, 'state.sqlite');
  let kept = await TestSandbox.start({ stateFile });
  const transfers = { capabilities: { transfers: { requested: true } } };
  const one = await kept.stripe.accounts.create({ type: 'custom', ...transfers });
  const other = await kept.stripe.accounts.create({ type: 'custom', ...transfers });
  const person = await kept.stripe.accounts.createPerson(one.id, { first_name: 'Jane' });
  await kept.stripe.accounts.createExternalAccount(one.id, { external_account: 'btok_us_verified' });
  await kept.stripe.accounts.reject(one.id, { reason: 'other' });
  await kept.close();
  kept = await TestSandbox.start({ stateFile });
  expect((await kept.stripe.accounts.listPersons(one.id)).data).toEqual([person]);
  expect((await kept.stripe.accounts.listExternalAccounts(one.id)).data.length).toBe(1);
  expect((await kept.stripe.accounts.retrieveCapability(one.id, 'transfers')).status).toBe('inactive');
  expect((await kept.stripe.accounts.listPersons(other.id)).data).toEqual([]);
  expect((await kept.stripe.accounts.listExternalAccounts(other.id)).data).toEqual([]);
  expect((await kept.stripe.accounts.retrieveCapability(other.id, 'transfers')).status).toBe('active');
  await kept.close();
  rmSync(folder, { recursive: true, force: true });
});
