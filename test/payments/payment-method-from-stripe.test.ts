import { expect, test } from '@jest/globals';
import { paymentMethodMirror } from '../../src/payments/payment-method-from-stripe.js';
import { paymentMethodFixture } from './fixtures.js';

const attached = paymentMethodMirror.read(paymentMethodFixture());
const loose = paymentMethodMirror.read(paymentMethodFixture({ customer: null }));

test('reads the columns', () => {
  expect(attached).toEqual({
    id: 'pm_1SkTpw2eZvKYlo2C',
    customer: 'cus_TestAda',
    type: 'card',
    card_brand: 'visa',
    card_last4: '4242',
    card_exp_month: 12,
    card_exp_year: 2030,
    created: new Date('2026-01-01T00:00:00Z'),
  });
});

test('a method that is no card has none of its fields', () => {
  const { card: _, ...bank } = paymentMethodFixture({ type: 'sepa_debit' });
  expect(paymentMethodMirror.read(bank)).toMatchObject({
    type: 'sepa_debit',
    card_brand: null,
    card_last4: null,
    card_exp_month: null,
  });
});

test('attached and detached are told, nothing else is', () => {
  const data = { payment_method: 'pm_1SkTpw2eZvKYlo2C', type: 'card' };
  expect(paymentMethodMirror.changes(null, attached)).toEqual([{ type: 'payment_method.attached', data }]);
  expect(paymentMethodMirror.changes(loose, attached)).toEqual([{ type: 'payment_method.attached', data }]);
  expect(paymentMethodMirror.changes(attached, loose)).toEqual([{ type: 'payment_method.detached', data }]);
  expect(paymentMethodMirror.changes(null, loose)).toEqual([]);
  expect(paymentMethodMirror.changes(attached, { ...attached, card_exp_year: 2031 })).toEqual([]);
});
