import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { Transactions } from '../../src/database/transactions.js';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import { MirrorRegistry } from '../../src/mirror/mirror-registry.js';
import { Mirror } from '../../src/mirror/mirror.js';
import { paymentIntentMirror } from '../../src/payments/payment-intent-from-stripe.js';
import { Payment } from '../../src/payments/payment.entity.js';
import { refundMirror } from '../../src/payments/refund-from-stripe.js';
import { RefundedPayments } from '../../src/payments/refunded-payments.js';
import { Refund } from '../../src/payments/refund.entity.js';
import { PINNED_API_VERSION } from '../../src/stripe/api-version.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';
import { intentFixture, refundFixture } from './fixtures.js';

let room: Room;
let events = 0;

beforeAll(async () => {
  room = await openRoom([MirrorRegistry, Mirror, RefundedPayments]);
  const registry = room.get(MirrorRegistry);
  registry.mirror(paymentIntentMirror, refundMirror);
  registry.derive((em, rows) => room.get(RefundedPayments).derive(em, rows));
});

afterAll(() => room.close());

beforeEach(() =>
  room.get(Transactions).run(async (em) => {
    await em.nativeDelete(Payment, {});
    await em.nativeDelete(Refund, {});
    await em.nativeDelete(DomainEventRow, {});
  }),
);

const paid = intentFixture({ status: 'succeeded', amount_received: 4900, latest_charge: 'ch_1' });

/** An event each second, so that each is beyond doubt newer than the one before. */
function arrive(type: string, object: Stripe.PaymentIntent | Stripe.Refund): Promise<unknown> {
  const event = {
    event: `evt_${++events}`,
    type,
    api_version: PINNED_API_VERSION,
    created: new Date(1_767_225_600_000 + events * 5000),
    object,
    previous_attributes: null,
  };
  return room.get(Transactions).run((em) => room.get(Mirror).applyEvents(em, [event]));
}

async function refunds(): Promise<unknown[]> {
  const rows = await room
    .get(Transactions)
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
  await arrive('payment_intent.succeeded', paid);
  await arrive('refund.created', refundFixture());
  const cause = `evt_${events}`;
  await arrive('refund.updated', refundFixture({ metadata: { note: 'seen' } }));
  expect(await refunds()).toEqual([told(cause)]);
});

test('it is told when the payment becomes known after the refund', async () => {
  await arrive('refund.created', refundFixture());
  expect(await refunds()).toEqual([]);
  await arrive('payment_intent.succeeded', paid);
  expect(await refunds()).toEqual([told(`evt_${events}`)]);
});

test('a pending refund is told when it has succeeded, a failed one never', async () => {
  await arrive('payment_intent.succeeded', paid);
  await arrive('refund.created', refundFixture({ status: 'pending' }));
  await arrive('refund.created', refundFixture({ id: 're_failed', status: 'failed' }));
  expect(await refunds()).toEqual([]);
  await arrive('refund.updated', refundFixture({ status: 'succeeded' }));
  expect(await refunds()).toEqual([told(`evt_${events}`)]);
});
