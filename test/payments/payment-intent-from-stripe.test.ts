import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type Stripe from 'stripe';
import { paymentIntentMirror } from '../../src/payments/payment-intent-from-stripe.js';
import { intentFixture, paymentMethodFixture } from './fixtures.js';

const rowOf = (status: Stripe.PaymentIntent.Status, over: Partial<Stripe.PaymentIntent> = {}) =>
  paymentIntentMirror.read(intentFixture({ status, ...over }));
const typesOf = (list: Array<{ type: string }>) => list.map(({ type }) => type);

const failed = (error: Partial<Stripe.PaymentIntent.LastPaymentError>) =>
  intentFixture({
    status: 'requires_payment_method',
    payment_method: null,
    last_payment_error: { type: 'card_error', ...error },
  });

test('reads the columns', () => {
  expect(
    paymentIntentMirror.read(intentFixture({ latest_charge: 'ch_1', amount_received: 4900, status: 'succeeded' })),
  ).toEqual({
    id: 'pi_3SkTpx2eZvKYlo2C0a1b2c3d',
    customer: 'cus_TestAda',
    status: 'succeeded',
    amount: 4900,
    amount_received: 4900,
    currency: 'eur',
    payment_method: 'pm_1SkTpw2eZvKYlo2C',
    latest_charge: 'ch_1',
    order_id: 'order-17',
    one_off: true,
    created: new Date('2026-01-01T00:00:00Z'),
  });
});

test("an invoice's payment is no one-off and has no order", () => {
  expect(paymentIntentMirror.read(intentFixture({ metadata: {}, customer: null }))).toMatchObject({
    one_off: false,
    order_id: null,
    customer: null,
  });
});

describe('changes', () => {
  test.each([
    ['succeeded', 'payment.succeeded'],
    ['canceled', 'payment.canceled'],
    ['requires_action', 'payment.requires_action'],
  ] as const)('%s is told, also at first sight', (status, type) => {
    expect(typesOf(paymentIntentMirror.changes(rowOf('requires_confirmation'), rowOf(status)))).toEqual([type]);
    expect(typesOf(paymentIntentMirror.changes(null, rowOf(status)))).toEqual([type]);
  });

  test('a success carries order, amount received and a key', () => {
    const after = rowOf('succeeded', { capture_method: 'manual', amount_received: 3000 });
    expect(paymentIntentMirror.changes(rowOf('requires_capture'), after)).toEqual([
      {
        type: 'payment.succeeded',
        data: {
          payment: after.id,
          status: 'succeeded',
          order_id: 'order-17',
          one_off: true,
          amount: 3000,
          currency: 'eur',
        },
        key: `payment.succeeded:${after.id}`,
      },
    ]);
  });

  test('on any walk each end is told once, and nothing is told while the status stands', () => {
    const statuses = fc.array(
      fc.constantFrom<Stripe.PaymentIntent.Status>(
        'requires_payment_method',
        'requires_confirmation',
        'requires_action',
        'processing',
        'requires_capture',
      ),
    );
    const end = fc.constantFrom<Stripe.PaymentIntent.Status>('succeeded', 'canceled');
    fc.assert(
      fc.property(statuses, end, (walk, last) => {
        const rows = [...walk, last, last].map((status) => rowOf(status));
        const told = rows.flatMap((row, index) => paymentIntentMirror.changes(rows[index - 1] ?? null, row));
        expect(typesOf(told).filter((type) => type === `payment.${last}`)).toHaveLength(1);
        expect(paymentIntentMirror.phase?.(rows[rows.length - 1] ?? rowOf(last))).toBe(1);
      }),
    );
  });
});

describe('a failed attempt', () => {
  test('is a fact, told once per charge', () => {
    const intent = failed({ code: 'card_declined', decline_code: 'insufficient_funds', charge: 'ch_7' });
    expect(paymentIntentMirror.facts?.('payment_intent.payment_failed', intent)).toEqual([
      {
        type: 'payment.failed',
        data: {
          payment: intent.id,
          status: 'requires_payment_method',
          order_id: 'order-17',
          one_off: true,
          amount: 4900,
          currency: 'eur',
          failure_code: 'card_declined',
          decline_code: 'insufficient_funds',
        },
        key: `payment.failed:${intent.id}:ch_7`,
      },
    ]);
    expect(paymentIntentMirror.changes(rowOf('processing'), paymentIntentMirror.read(intent))).toEqual([]);
  });

  test('never shows a suspicion of fraud', () => {
    const [fact] =
      paymentIntentMirror.facts?.(
        'payment_intent.payment_failed',
        failed({ code: 'card_declined', decline_code: 'stolen_card', charge: 'ch_8' }),
      ) ?? [];
    expect(fact?.data).toMatchObject({ decline_code: 'generic_decline' });
  });

  test('without a charge is known by its method', () => {
    const intent = failed({ code: 'payment_intent_authentication_failure', payment_method: paymentMethodFixture() });
    expect(paymentIntentMirror.facts?.('payment_intent.payment_failed', intent)[0]?.key).toBe(
      `payment.failed:${intent.id}:pm_1SkTpw2eZvKYlo2C`,
    );
  });

  test('is told by its own event alone', () => {
    expect(paymentIntentMirror.facts?.('payment_intent.canceled', failed({ charge: 'ch_9' }))).toEqual([]);
  });
});
