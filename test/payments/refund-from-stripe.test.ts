import { expect, test } from '@jest/globals';
import { refundMirror } from '../../src/payments/refund-from-stripe.js';
import { refundFixture } from './fixtures.js';

test('reads the columns', () => {
  expect(refundMirror.read(refundFixture())).toEqual({
    id: 're_3SkTpx2eZvKYlo2C0e5f6g7h',
    customer: 'cus_TestAda',
    payment_intent: 'pi_3SkTpx2eZvKYlo2C0a1b2c3d',
    charge: 'ch_3SkTpx2eZvKYlo2C',
    status: 'succeeded',
    amount: 1000,
    currency: 'eur',
    reason: 'requested_by_customer',
    reservation: 'a9c1',
    created: new Date('2026-01-01T00:00:00Z'),
  });
  expect(refundMirror.read(refundFixture({ metadata: null, payment_intent: null }))).toMatchObject({
    reservation: null,
    payment_intent: null,
  });
});

test('a refund that succeeded may still fail, never the reverse', () => {
  const phases = ['pending', 'succeeded', 'failed'].map((status) =>
    refundMirror.phase?.(refundMirror.read(refundFixture({ status }))),
  );
  expect(phases).toEqual([0, 1, 2]);
});
