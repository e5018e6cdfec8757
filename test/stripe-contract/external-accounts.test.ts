import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure } from './support.js';

/** Against Stripe this needs a test account that Connect is switched on for. */
const world = contract();

const custom = async (params: Stripe.AccountCreateParams = {}) =>
  (await world.stripe.accounts.create({ type: 'custom', country: 'US', ...params })).id;
const bank = (account_number = '000123456789') => ({
  object: 'bank_account' as const,
  country: 'US',
  currency: 'usd',
  account_number,
  routing_number: '110000000',
});
const add = (account: string, external_account: Stripe.AccountCreateExternalAccountParams['external_account']) =>
  world.stripe.accounts.createExternalAccount(account, { external_account });
const defaults = async (account: string) => {
  const { data } = await world.stripe.accounts.listExternalAccounts(account);
  return data.filter((external) => external.default_for_currency === true).map(({ id }) => id);
};

describe('an external account', () => {
  test('is made of a bank account, and shown with the account', async () => {
    const account = await custom();
    const made = await world.stripe.accounts.createExternalAccount(account, {
      external_account: { ...bank(), account_holder_name: 'Jenny Rosen', account_holder_type: 'individual' },
      metadata: { shelf: '1' },
    });
    expect(made).toMatchObject({
      object: 'bank_account',
      account,
      account_holder_name: 'Jenny Rosen',
      account_holder_type: 'individual',
      bank_name: 'STRIPE TEST BANK',
      country: 'US',
      currency: 'usd',
      default_for_currency: true,
      last4: '6789',
      metadata: { shelf: '1' },
      routing_number: '110000000',
      status: 'new',
    });
    const { external_accounts } = await world.stripe.accounts.retrieve(account);
    expect(external_accounts?.data.map(({ id }) => id)).toEqual([made.id]);
    const found = await world.stripe.accounts.retrieveExternalAccount(account, made.id, { expand: ['account'] });
    expect(found).toMatchObject({ id: made.id, account: { id: account, object: 'account' } });
  });

  test.each([
    ['btok_us_verified', { object: 'bank_account', last4: '6789' }],
    ['btok_us_verified_accountClosed', { object: 'bank_account', last4: '1113' }],
    ['tok_visa_debit_us_transferSuccess', { object: 'card', brand: 'Visa', funding: 'debit', last4: '5556' }],
    ['tok_mastercard_debit_us_transferSuccess', { object: 'card', brand: 'MasterCard', last4: '8210' }],
  ])('is made of the token %s', async (token, expected) => {
    expect(await add(await custom(), token)).toMatchObject({ currency: 'usd', country: 'US', ...expected });
  });

  test('is made of a debit card', async () => {
    const account = await custom();
    const card = { object: 'card' as const, number: '4000056655665556', exp_month: 11, exp_year: 2034, cvc: '123' };
    expect(await add(account, { ...card, currency: 'usd', name: 'Jenny Rosen', address_zip: '94110' })).toMatchObject({
      object: 'card',
      account,
      address_zip: '94110',
      exp_month: 11,
      exp_year: 2034,
      name: 'Jenny Rosen',
    });
  });

  test('is not made of a credit card, an unknown token or a real number', async () => {
    const account = await custom();
    expect(await failure(add(account, 'tok_visa'))).toMatchObject({ statusCode: 400 });
    expect(await failure(add(account, 'btok_of_nobody'))).toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
      param: 'external_account',
    });
    expect(await failure(add(account, bank('987654321')))).toMatchObject({
      statusCode: 400,
      code: 'account_number_invalid',
    });
    expect(await failure(add(account, { ...bank(), routing_number: '123' }))).toMatchObject({
      code: 'routing_number_invalid',
    });
    expect((await world.stripe.accounts.listExternalAccounts(account)).data).toEqual([]);
  });

  test('has no parameters of the other kind', async () => {
    const account = await custom();
    const unknown = world.stripe.rawRequest('POST', `/v1/accounts/${account}/external_accounts`, {
      external_account: { ...bank(), exp_month: 1 },
    });
    expect(await failure(unknown)).toMatchObject({
      code: 'parameter_unknown',
      param: 'external_account[exp_month]',
    });
  });

  test('is for accounts whose requirements the platform collects', async () => {
    const { id } = await world.stripe.accounts.create({ type: 'standard', country: 'US' });
    expect(await failure(add(id, 'btok_us_verified'))).toMatchObject({ statusCode: 403, code: 'oauth_not_supported' });
  });
});

describe('the default of a currency', () => {
  test('is the first, until another is to be it', async () => {
    const account = await custom();
    const first = await add(account, 'btok_us_verified');
    const second = await add(account, bank('000111111116'));
    expect(second.default_for_currency).toBe(false);
    expect(await defaults(account)).toEqual([first.id]);
    const third = await world.stripe.accounts.createExternalAccount(account, {
      external_account: 'tok_visa_debit_us_transferSuccess',
      default_for_currency: true,
    });
    expect(await defaults(account)).toEqual([third.id]);
    await world.stripe.accounts.updateExternalAccount(account, second.id, { default_for_currency: true });
    expect(await defaults(account)).toEqual([second.id]);
  });

  test('cannot be deleted before another is it', async () => {
    const account = await custom();
    const first = await add(account, 'btok_us_verified');
    const second = await add(account, bank('000111111116'));
    const error = await failure(world.stripe.accounts.deleteExternalAccount(account, first.id));
    expect(error.message).toMatch(/^You cannot delete the default external account/);
    await world.stripe.accounts.updateExternalAccount(account, second.id, { default_for_currency: true });
    expect(await world.stripe.accounts.deleteExternalAccount(account, first.id)).toMatchObject({
      id: first.id,
      object: 'bank_account',
      deleted: true,
    });
    expect(await failure(world.stripe.accounts.retrieveExternalAccount(account, first.id))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
    await failure(world.stripe.accounts.deleteExternalAccount(account, second.id));
  });

  test('can be deleted in another currency than that of the account, if it is the last', async () => {
    const account = await custom({ country: 'DE' });
    expect((await world.stripe.accounts.retrieve(account)).default_currency).toBe('eur');
    const dollars = await add(account, bank());
    const euros = await add(account, {
      object: 'bank_account',
      country: 'DE',
      currency: 'eur',
      account_number: 'DE89370400440532013000',
    });
    expect(await defaults(account)).toEqual([euros.id, dollars.id]);
    expect(await world.stripe.accounts.deleteExternalAccount(account, dollars.id)).toMatchObject({ deleted: true });
    await failure(world.stripe.accounts.deleteExternalAccount(account, euros.id));
    expect(await defaults(account)).toEqual([euros.id]);
  });

  test('is replaced by one that comes with the account itself', async () => {
    const account = await custom({ external_account: bank() });
    const [first] = await defaults(account);
    const { external_accounts } = await world.stripe.accounts.update(account, {
      external_account: bank('000111111116'),
    });
    expect(external_accounts?.data).toMatchObject([{ last4: '1116', default_for_currency: true }]);
    expect(external_accounts?.data[0]?.id).not.toBe(first);
  });
});

test('external accounts are changed, listed by kind and in pages', async () => {
  const account = await custom();
  const first = await add(account, bank());
  const card = await add(account, 'tok_visa_debit_us_transferSuccess');
  const last = await add(account, bank('000111111116'));
  expect(
    await world.stripe.accounts.updateExternalAccount(account, last.id, {
      account_holder_name: 'Ada',
      account_holder_type: 'company',
      metadata: { shelf: '2' },
    }),
  ).toMatchObject({ account_holder_name: 'Ada', account_holder_type: 'company', metadata: { shelf: '2' } });
  const list = (params: Stripe.AccountListExternalAccountsParams) =>
    world.stripe.accounts.listExternalAccounts(account, params);
  expect((await list({ object: 'card' })).data.map(({ id }) => id)).toEqual([card.id]);
  const page = await list({ limit: 2 });
  expect([page.data.length, page.has_more]).toEqual([2, true]);
  const all = await list({ limit: 2 }).autoPagingToArray({ limit: 10 });
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining([first.id, card.id, last.id]));
  expect(all.length).toBe(3);
});
