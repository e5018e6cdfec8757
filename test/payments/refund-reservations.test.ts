import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Payment } from '../../src/payments/payment.entity.js';
import { RefundExceedsPayment } from '../../src/payments/payments.errors.js';
import { refundedOf, release, reserve } from '../../src/payments/refund-reservations.js';
import { RefundReservation } from '../../src/payments/refund-reservation.entity.js';
import { intentFixture, refundFixture } from './fixtures.js';
import { MirroredPayments } from './mirrored-payments.js';

const intent = intentFixture({ status: 'succeeded', amount: 1000, amount_received: 1000 });
let payments: MirroredPayments;

beforeAll(async () => {
  payments = await MirroredPayments.open();
});

afterAll(() => payments.close());

beforeEach(async () => {
  await payments.empty();
  await payments.arrive('payment_intent.succeeded', intent);
});

const take = (id: string, amount?: number) =>
  payments.transactions.run(async (em) => reserve(em, id, await em.findOneOrFail(Payment, intent.id), amount));

function mirror(id: string, amount: number, reservation: string | null, status = 'succeeded'): Promise<unknown> {
  const metadata: Record<string, string> = reservation === null ? {} : { good_standing_reservation: reservation };
  return payments.arrive('refund.created', refundFixture({ id, amount, status, metadata }));
}

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
        await payments.transactions.run((em) => em.nativeDelete(RefundReservation, {}));
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
    await payments.transactions.run((em) => release(em, ['a']));
    expect(await take('b', 1000)).toBe(1000);
  });

  test('a reservation whose request died lapses', async () => {
    await take('dead', 1000);
    await payments.transactions.run((em) =>
      em.execute(`update refund_reservations set created_at = now() - interval '11 minutes'`),
    );
    await expect(take('b', 1000)).resolves.toBe(1000);
  });

  test('counts refunds of others, but none that failed or were canceled', async () => {
    await mirror('re_dashboard', 250, null);
    await mirror('re_pending', 50, null, 'pending');
    await mirror('re_failed', 900, null, 'failed');
    await mirror('re_canceled', 900, null, 'canceled');
    expect(await take('rest')).toBe(700);
    expect(await refundedOf(payments.transactions.reader(), [intent.id, 'pi_other'])).toEqual(
      new Map([[intent.id, 300]]),
    );
  });
});
