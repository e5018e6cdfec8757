import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import { intentFixture, refundFixture } from './fixtures.js';
import { MirroredPayments } from './mirrored-payments.js';

let payments: MirroredPayments;

beforeAll(async () => {
  payments = await MirroredPayments.open();
});

afterAll(() => payments.close());

beforeEach(() => payments.empty());

const paid = intentFixture({ status: 'succeeded', amount_received: 4900, latest_charge: 'ch_1' });

async function refunds(): Promise<unknown[]> {
  const rows = await payments.transactions
    .reader()
    .find(DomainEventRow, { type: 'payment.refunded' }, { orderBy: { id: 'asc' } });
  return rows.map(({ customer, object, data, cause }) => ({ customer, object, cause, data }));
}

const told = (cause: string) => ({
  customer: 'cus_TestAda',
  object: paid.id,
  cause,
  data: {
    payment: paid.id,
    status: 'succeeded',
    order_id: 'order-17',
    one_off: true,
    amount: 4900,
    currency: 'eur',
    refund: 're_3SkTpx2eZvKYlo2C0e5f6g7h',
    refunded: 1000,
  },
});

test('a refund that succeeds is told with its payment, once', async () => {
  await payments.arrive('payment_intent.succeeded', paid);
  const cause = await payments.arrive('refund.created', refundFixture());
  await payments.arrive('refund.updated', refundFixture({ metadata: { note: 'seen' } }));
  expect(await refunds()).toEqual([told(cause)]);
});

test('it is told when the payment becomes known after the refund', async () => {
  await payments.arrive('refund.created', refundFixture());
  expect(await refunds()).toEqual([]);
  const cause = await payments.arrive('payment_intent.succeeded', paid);
  expect(await refunds()).toEqual([told(cause)]);
});

test('a pending refund is told when it has succeeded, a failed one never', async () => {
  await payments.arrive('payment_intent.succeeded', paid);
  await payments.arrive('refund.created', refundFixture({ status: 'pending' }));
  await payments.arrive('refund.created', refundFixture({ id: 're_failed', status: 'failed' }));
  expect(await refunds()).toEqual([]);
  const cause = await payments.arrive('refund.updated', refundFixture({ status: 'succeeded' }));
  expect(await refunds()).toEqual([told(cause)]);
});
