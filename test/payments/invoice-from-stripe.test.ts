import { describe, expect, test } from '@jest/globals';
import { invoiceMirror } from '../../src/payments/invoice-from-stripe.js';
import { invoiceFixture } from './fixtures.js';

const paid = () => {
  const { status_transitions } = invoiceFixture();
  return invoiceMirror.read(
    invoiceFixture({
      status: 'paid',
      amount_paid: 4900,
      amount_remaining: 0,
      next_payment_attempt: null,
      status_transitions: { ...status_transitions, paid_at: 1_767_232_800 },
    }),
  );
};

test('reads the columns, the subscription from its parent', () => {
  expect(invoiceMirror.read(invoiceFixture())).toEqual({
    id: 'in_1SkTpx2eZvKYlo2C',
    customer: 'cus_TestAda',
    subscription: 'sub_1SkTpv2eZvKYlo2C',
    number: 'K7QX2P-0002',
    status: 'open',
    billing_reason: 'subscription_cycle',
    currency: 'eur',
    amount_due: 4900,
    amount_paid: 0,
    amount_remaining: 4900,
    attempt_count: 1,
    next_payment_attempt: new Date('2026-01-04T00:00:00Z'),
    finalized_at: new Date('2026-01-01T01:00:00Z'),
    paid_at: null,
    hosted_invoice_url: 'https://invoice.stripe.com/i/acct_x/test_y',
    created: new Date('2026-01-01T00:00:00Z'),
  });
});

test('an invoice made by hand has no subscription', () => {
  expect(invoiceMirror.read(invoiceFixture({ parent: null, number: null, hosted_invoice_url: null }))).toMatchObject({
    subscription: null,
    number: null,
  });
});

describe('changes', () => {
  test('paid is told once, also at first sight', () => {
    const [told, ...more] = invoiceMirror.changes(invoiceMirror.read(invoiceFixture()), paid());
    expect(told).toMatchObject({
      type: 'invoice.paid',
      key: 'invoice.paid:in_1SkTpx2eZvKYlo2C',
      data: { amount: 4900, currency: 'eur', subscription: 'sub_1SkTpv2eZvKYlo2C' },
    });
    expect(more).toEqual([]);
    expect(invoiceMirror.changes(null, paid())).toEqual([told]);
    expect(invoiceMirror.changes(paid(), paid())).toEqual([]);
  });

  test('voided is told; open, draft, uncollectible and deletion are not', () => {
    expect(
      invoiceMirror.changes(
        invoiceMirror.read(invoiceFixture()),
        invoiceMirror.read(invoiceFixture({ status: 'void' })),
      ),
    ).toMatchObject([{ type: 'invoice.voided', data: { amount: 4900 } }]);
    expect(invoiceMirror.changes(null, invoiceMirror.read(invoiceFixture()))).toEqual([]);
    expect(
      invoiceMirror.changes(
        invoiceMirror.read(invoiceFixture()),
        invoiceMirror.read(invoiceFixture({ status: 'uncollectible' })),
      ),
    ).toEqual([]);
    expect(invoiceMirror.changes(invoiceMirror.read(invoiceFixture({ status: 'draft' })), null)).toEqual([]);
  });
});

test('a failed attempt is a fact with its number and the next moment', () => {
  expect(invoiceMirror.facts?.('invoice.payment_failed', invoiceFixture({ attempt_count: 2 }))).toEqual([
    {
      type: 'invoice.payment_failed',
      data: {
        invoice: 'in_1SkTpx2eZvKYlo2C',
        number: 'K7QX2P-0002',
        subscription: 'sub_1SkTpv2eZvKYlo2C',
        billing_reason: 'subscription_cycle',
        hosted_invoice_url: 'https://invoice.stripe.com/i/acct_x/test_y',
        amount: 4900,
        currency: 'eur',
        attempt: 2,
        next_attempt_at: '2026-01-04T00:00:00.000Z',
      },
      key: 'invoice.payment_failed:in_1SkTpx2eZvKYlo2C:2',
    },
  ]);
  expect(
    invoiceMirror.facts?.('invoice.payment_failed', invoiceFixture({ next_payment_attempt: null }))[0]?.data,
  ).toMatchObject({
    next_attempt_at: null,
  });
  expect(invoiceMirror.facts?.('invoice.updated', invoiceFixture())).toEqual([]);
});

test('each attempt to collect an open invoice begins a phase, and none reaches the next status', () => {
  const phases = [0, 1, 2, 4000].map(
    (attempt_count) =>
      invoiceMirror.phase?.(invoiceMirror.read(invoiceFixture({ status: 'open', attempt_count }))) ?? -1,
  );
  const uncollectible = invoiceMirror.read(invoiceFixture({ status: 'uncollectible', attempt_count: 0 }));
  phases.push(invoiceMirror.phase?.(uncollectible) ?? -1);
  expect(new Set(phases).size).toBe(phases.length);
  expect(phases).toEqual(phases.toSorted((a, b) => a - b));
});

test('phases only rise on the ways that an invoice can go', () => {
  const ways = [
    ['draft', 'open', 'paid'],
    ['open', 'uncollectible', 'paid'],
    ['open', 'void'],
    ['uncollectible', 'void'],
  ] as const;
  for (const way of ways) {
    const phases = way.map((status) => invoiceMirror.phase?.(invoiceMirror.read(invoiceFixture({ status }))) ?? -1);
    expect(phases).toEqual(phases.toSorted((a, b) => a - b));
    expect(new Set(phases).size).toBe(phases.length);
  }
});
