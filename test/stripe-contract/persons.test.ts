import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure } from './support.js';

/** Against Stripe this needs a test account that Connect is switched on for. */
const world = contract();

const company = async () =>
  (await world.stripe.accounts.create({ type: 'custom', country: 'US', business_type: 'company' })).id;

describe('a person', () => {
  test('is made of a name alone', async () => {
    const account = await company();
    const made = await world.stripe.accounts.createPerson(account, { first_name: 'Jane', last_name: 'Diaz' });
    expect(made).toMatchObject({
      object: 'person',
      account,
      dob: { day: null, month: null, year: null },
      first_name: 'Jane',
      id_number_provided: false,
      last_name: 'Diaz',
      metadata: {},
      relationship: { director: false, executive: false, owner: false, percent_ownership: null, representative: false },
      ssn_last_4_provided: false,
      verification: { status: 'unverified', document: { back: null, front: null } },
    });
    expect(await world.stripe.accounts.retrievePerson(account, made.id)).toEqual(made);
  });

  test('is changed field by field, and tells no secrets', async () => {
    const account = await company();
    const { id } = await world.stripe.accounts.createPerson(account, {
      first_name: 'Jane',
      last_name: 'Diaz',
      address: { city: 'Albany', country: 'US', line1: 'address_full_match', postal_code: '12207', state: 'NY' },
      relationship: { owner: true, percent_ownership: 12.5 },
      metadata: { desk: '1' },
    });
    const changed = await world.stripe.accounts.updatePerson(account, id, {
      address: { line2: 'Floor 2' },
      dob: { day: 2, month: 3, year: 1984 },
      email: 'jane@example.com',
      metadata: { chair: '2' },
      phone: '+15555551234',
      relationship: { title: 'CFO' },
      ssn_last_4: '0000',
    });
    expect(changed).toMatchObject({
      id,
      address: { city: 'Albany', line1: 'address_full_match', line2: 'Floor 2' },
      dob: { day: 2, month: 3, year: 1984 },
      email: 'jane@example.com',
      metadata: { desk: '1', chair: '2' },
      phone: '+15555551234',
      relationship: { owner: true, percent_ownership: 12.5, title: 'CFO' },
      ssn_last_4_provided: true,
    });
    expect(changed).not.toHaveProperty('ssn_last_4');
    const forgotten = await world.stripe.accounts.updatePerson(account, id, {
      dob: '',
      relationship: { percent_ownership: '' },
    });
    expect(forgotten).toMatchObject({ dob: { year: null }, relationship: { percent_ownership: null } });
  });

  test('is born on a real day', async () => {
    const call = world.stripe.accounts.createPerson(await company(), { dob: { day: 31, month: 2, year: 1984 } });
    expect(await failure(call)).toMatchObject({ statusCode: 400 });
  });

  test('has parameters that Stripe knows', async () => {
    const call = world.stripe.rawRequest('POST', `/v1/accounts/${await company()}/persons`, {
      relationship: { king: true },
    });
    expect(await failure(call)).toMatchObject({ code: 'parameter_unknown', param: 'relationship[king]' });
  });

  test('is deleted, unless it represents the account', async () => {
    const account = await company();
    const owner = await world.stripe.accounts.createPerson(account, { relationship: { owner: true } });
    expect(await world.stripe.accounts.deletePerson(account, owner.id)).toMatchObject({ id: owner.id, deleted: true });
    expect(await failure(world.stripe.accounts.retrievePerson(account, owner.id))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
    const head = await world.stripe.accounts.createPerson(account, { relationship: { representative: true } });
    expect(await failure(world.stripe.accounts.deletePerson(account, head.id))).toMatchObject({ statusCode: 400 });
  });
});

test('persons are listed by what they are to the account, newest first, in pages', async () => {
  const account = await company();
  const add = async (relationship: Stripe.AccountCreatePersonParams.Relationship) =>
    (await world.stripe.accounts.createPerson(account, { first_name: 'Jane', relationship })).id;
  const [owner, director, both] = [
    await add({ owner: true }),
    await add({ director: true }),
    await add({ owner: true, director: true }),
  ];
  const list = async (params: Stripe.AccountListPersonsParams) =>
    (await world.stripe.accounts.listPersons(account, params)).data.map(({ id }) => id);
  expect((await list({ relationship: { owner: true } })).toSorted()).toEqual([owner, both].toSorted());
  expect(await list({ relationship: { director: true, owner: true } })).toEqual([both]);
  const { data, has_more } = await world.stripe.accounts.listPersons(account, { limit: 2 });
  expect([data.length, has_more]).toEqual([2, true]);
  const rest = await list({ starting_after: data[1]?.id ?? '' });
  expect([...data.map(({ id }) => id), ...rest].toSorted()).toEqual([owner, director, both].toSorted());
});
