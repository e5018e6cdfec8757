import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { customerMirror, externalIdOf } from '../../src/customers/customer-from-stripe.js';
import { decideSnapshot } from '../../src/mirror/decide-snapshot.js';
import type { KnownSnapshot, SnapshotEvent } from '../../src/mirror/decide-snapshot.js';
import { PINNED_API_VERSION } from '../../src/stripe/api-version.js';
import { customerFixture } from './fixtures.js';

describe('a customer of Stripe', () => {
  test('becomes a row', () => {
    expect(customerMirror.read(customerFixture())).toEqual({
      id: 'cus_TestAda',
      email: 'ada@example.com',
      name: 'Ada',
      currency: 'eur',
      locale: 'de-AT',
      default_payment_method: 'pm_1',
      metadata: { external_id: 'user-1', colour: 'blue' },
      created: new Date('2026-01-01T00:00:00Z'),
    });
  });

  test('pays with an older source where it has no payment method', () => {
    const invoice_settings = {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    };
    const row = customerMirror.read(customerFixture({ invoice_settings, default_source: 'card_1' }));
    expect(row.default_payment_method).toBe('card_1');
  });

  test.each([
    ['user-1', 'user-1'],
    ['cus_123', null],
    ['', null],
  ])('with external_id %j in its metadata is known to the SaaS as %j', (external_id, expected) => {
    expect(externalIdOf({ metadata: { external_id } })).toBe(expected);
  });

  test('is known to the SaaS by no id when its metadata names none', () => {
    expect(externalIdOf({ metadata: {} })).toBeNull();
  });
});

test('whose first subscription sets the currency is beyond doubt the later one, within one second too', () => {
  const none = customerFixture({ currency: null });
  const some = customerFixture({ currency: 'eur' });
  expect(decideSnapshot(known(none), told(some, { currency: null }), PINNED_API_VERSION)).toBe('apply');
  expect(decideSnapshot(known(some), told(none, { name: 'Grace' }), PINNED_API_VERSION)).toBe('ignore');
});

const MOMENT = new Date(0);

function known(data: Stripe.Customer): KnownSnapshot {
  return { data, as_of: MOMENT, as_of_max: MOMENT, deleted: false, phase: phase(data) };
}

function told(object: Stripe.Customer, previous_attributes: object): SnapshotEvent {
  const api_version = PINNED_API_VERSION;
  const of = { deletes: false, phase: phase(object), begins_phase: false, truncated: false };
  return { api_version, created: MOMENT, object, previous_attributes, ...of };
}

function phase(customer: Stripe.Customer): number {
  return customerMirror.phase?.(customerMirror.read(customer)) ?? 0;
}

describe('what happened to a customer', () => {
  const row = customerMirror.read(customerFixture());

  test('first sight: created', () => {
    expect(customerMirror.changes(null, row)).toEqual([
      { type: 'customer.created', data: { email: 'ada@example.com', external_id: 'user-1' } },
    ]);
  });

  test('a change names its columns', () => {
    const after = { ...row, email: 'new@example.com', metadata: { external_id: 'user-1' } };
    expect(customerMirror.changes(row, after)).toEqual([
      { type: 'customer.updated', data: { changed: ['email', 'metadata'] } },
    ]);
  });

  test('the same again: nothing', () => {
    expect(customerMirror.changes(row, customerMirror.read(customerFixture()))).toEqual([]);
  });

  test('deleted', () => {
    expect(customerMirror.changes(row, null)).toEqual([{ type: 'customer.deleted', data: {} }]);
    expect(customerMirror.changes(null, null)).toEqual([]);
  });
});
