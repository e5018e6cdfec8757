import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MikroORM } from '@mikro-orm/postgresql';
import { ormConfig } from '../../config/mikro-orm.config.js';
import { Transactions } from '../../src/database/transactions.js';
import { paymentIntentMirror } from '../../src/payments/payment-intent-from-stripe.js';
import { Payment } from '../../src/payments/payment.entity.js';
import { RefundExceedsPayment } from '../../src/payments/payments.errors.js';
import { refundMirror } from '../../src/payments/refund-from-stripe.js';
import { refundedOf, release, releaseFulfilled, reserve } from '../../src/payments/refund-reservations.js';
import { RefundReservation } from '../../src/payments/refund-reservation.entity.js';
import { Refund } from '../../src/payments/refund.entity.js';
import { cloneDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { intentFixture, refundFixture } from './fixtures.js';

const mirrored = { as_of: new Date(), as_of_max: new Date(), fetched: false, deleted: false, revision: 1, cause: null };
const intent = intentFixture({ status: 'succeeded', amount: 1000, amount_received: 1000 });
let database: TestDatabase;
let orm: MikroORM;
let transactions: Transactions;

beforeAll(async () => {
  database = await cloneDatabase();
  orm = await MikroORM.init(ormConfig(database.url));
  transactions = new Transactions(orm);
});

afterAll(async () => {
  await orm.close();
  await database.drop();
});

beforeEach(() =>
  transactions.run(async (em) => {
    await em.nativeDelete(Payment, {});
    await em.nativeDelete(Refund, {});
    await em.nativeDelete(RefundReservation, {});
    await em.insert(Payment, { ...mirrored, ...paymentIntentMirror.read(intent), data: intent });
  }),
);

const take = (id: string, amount?: number) =>
  transactions.run(async (em) => reserve(em, id, await em.findOneOrFail(Payment, intent.id), amount));

/** Mirrors a refund as the mirror does: its row and what follows from it in one transaction. */
const mirror = (id: string, amount: number, reservation: string | null, status = 'succeeded') =>
  transactions.run(async (em) => {
    const metadata: Record<string, string> = reservation === null ? {} : { good_standing_reservation: reservation };
    const after = refundMirror.read(refundFixture({ id, amount, status, metadata }));
    await em.insert(Refund, { ...mirrored, ...after, data: {} });
    await releaseFulfilled(em, [{ object: 'refund', id, customer: after.customer, before: null, after, cause: null }]);
  });

const outcomes = (attempts: Array<Promise<number>>) => Promise.allSettled(attempts);

describe('reserve', () => {
  test('takes all that is left unless told otherwise', async () => {
    expect(await take('a', 300)).toBe(300);
    expect(await take('b')).toBe(700);
  });

  test('says what is left', async () => {
    await take('a', 600);
    await expect(take('b', 401)).rejects.toMatchObject({
      code: 'refund_exceeds_payment',
      message: 'Only €4.00 of this payment is left to refund.',
      extensions: { left: 400, currency: 'eur' },
    });
    await take('c');
    await expect(take('d')).rejects.toThrow('Nothing of this payment is left to refund.');
  });

  test('of ten at once no more than fit are taken', async () => {
    const settled = await outcomes(Array.from({ length: 10 }, (_, index) => take(`r${index}`, 150)));
    const refused = settled.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toHaveLength(4);
    for (const reason of refused) expect(reason).toBeInstanceOf(RefundExceedsPayment);
  });

  test('of ten at once all that fit are taken, while others are being mirrored', async () => {
    const refundOne = async (index: number) => {
      const amount = await take(`r${index}`, 100);
      await mirror(`re_${index}`, amount, `r${index}`);
      return amount;
    };
    const settled = await outcomes(Array.from({ length: 10 }, (_, index) => refundOne(index)));
    expect(settled.every(({ status }) => status === 'fulfilled')).toBe(true);
    await expect(take('late', 1)).rejects.toBeInstanceOf(RefundExceedsPayment);
  });

  test('whatever is asked for in whatever order, the sum never exceeds the payment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 2, maxLength: 8 }), async (amounts) => {
        await transactions.run((em) => em.nativeDelete(RefundReservation, {}));
        const settled = await outcomes(amounts.map((amount, index) => take(`p${index}`, amount)));
        const taken = settled.reduce((sum, outcome) => sum + (outcome.status === 'fulfilled' ? outcome.value : 0), 0);
        expect(taken).toBeLessThanOrEqual(1000);
      }),
      { numRuns: 15 },
    );
  });

  test('a repetition finds what it had reserved', async () => {
    expect(await take('same', 1000)).toBe(1000);
    expect(await take('same', 1000)).toBe(1000);
    expect(await take('same')).toBe(1000);
  });

  test('a refused refund gives its part back', async () => {
    await take('a', 1000);
    await transactions.run((em) => release(em, ['a']));
    expect(await take('b', 1000)).toBe(1000);
  });

  test('a reservation whose request died lapses', async () => {
    await take('dead', 1000);
    await orm.em.getConnection().execute(`update refund_reservations set created_at = now() - interval '11 minutes'`);
    expect(await take('b', 1000)).toBe(1000);
  });

  test('counts refunds of others, but none that failed or were canceled', async () => {
    await mirror('re_dashboard', 250, null);
    await mirror('re_pending', 50, null, 'pending');
    await mirror('re_failed', 900, null, 'failed');
    await mirror('re_canceled', 900, null, 'canceled');
    expect(await take('rest')).toBe(700);
    expect(await refundedOf(transactions.reader(), [intent.id, 'pi_other'])).toEqual(new Map([[intent.id, 300]]));
  });
});
