import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { ref, TestSandbox } from './support.js';

const CONSENT: Stripe.PaymentIntentCreateParams['mandate_data'] = {
  customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'test' } },
};
let world: TestSandbox;
let stripe: Stripe;
beforeAll(async () => {
  world = await TestSandbox.start();
  stripe = world.stripe;
});
afterAll(() => world.close());

const pay = (payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({
    amount: 4200,
    currency: 'usd',
    confirm: true,
    return_url: 'https://shop.example.com/done?cart=7',
    payment_method,
    ...more,
  });
const debit = (token: string, currency: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  pay(token, { currency, mandate_data: CONSENT, ...more });
const statusOf = async (id: string) => (await stripe.paymentIntents.retrieve(id)).status;
const pending = ({ pending: sides }: Stripe.Balance) => sides.find(({ currency }) => currency === 'usd')?.amount;
const submit = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

describe('a bank debit', () => {
  test('that is slow takes about three minutes', async () => {
    const [good, bad] = [
      await debit('pm_sepaDebit_successDelayed_at', 'eur'),
      await debit('pm_bacsDebit_insufficientFundsDelayed', 'gbp'),
    ];
    await world.advance('2m');
    expect([await statusOf(good.id), await statusOf(bad.id)]).toEqual(['processing', 'processing']);
    await world.advance('2m');
    expect([await statusOf(good.id), await statusOf(bad.id)]).toEqual(['succeeded', 'requires_payment_method']);
  });

  test('takes business days where that is wanted, and fails days later', async () => {
    await world.control('POST', 'settings', { bank_days: true });
    const { id } = await debit('pm_auBecsDebit_debitNotAuthorized', 'aud');
    await world.advance('2d');
    expect(await statusOf(id)).toBe('processing');
    await world.advance('4d');
    expect(await statusOf(id)).toBe('requires_payment_method');
    await world.control('POST', 'settings', { bank_days: false });
  });

  test('that never ends can be canceled', async () => {
    const { id } = await debit('pm_usBankAccount_processing', 'usd');
    await world.advance('30d');
    expect(await statusOf(id)).toBe('processing');
    expect((await stripe.paymentIntents.cancel(id)).status).toBe('canceled');
  });

  test('that the bank takes back ends its mandate, or opens a dispute that is lost at once', async () => {
    const { id: customer } = await stripe.customers.create({});
    const setup = await stripe.setupIntents.create({
      customer,
      payment_method: 'pm_bacsDebit_debitNotAuthorized',
      confirm: true,
      mandate_data: CONSENT,
      return_url: 'https://shop.example.com',
    });
    await pay(ref(setup.payment_method), { customer, currency: 'gbp', off_session: true });
    const disputed = await debit('pm_sepaDebit_disputed_fr', 'eur');
    await world.control('POST', 'settle');
    expect(await stripe.mandates.retrieve(ref(setup.mandate))).toMatchObject({
      status: 'inactive',
      payment_method_details: { bacs_debit: { network_status: 'revoked' } },
    });
    const [dispute] = (await stripe.disputes.list({ payment_intent: disputed.id })).data;
    expect(dispute).toMatchObject({
      status: 'lost',
      reason: 'debit_not_authorized',
      evidence_details: { due_by: null },
    });
  });

  test('refuses wrong microdeposits, and gives up on the values that say so', async () => {
    const make = () =>
      stripe.paymentMethods.create({
        type: 'us_bank_account',
        us_bank_account: {
          account_holder_type: 'individual',
          account_number: '000123456789',
          routing_number: '110000000',
        },
        billing_details: { name: 'Jenny Rosen' },
      });
    const intent = await debit((await make()).id, 'usd');
    const wrong = stripe.paymentIntents.verifyMicrodeposits(intent.id, { amounts: [1, 2] });
    expect((await failure(wrong)).code).toBe('payment_method_microdeposit_verification_amounts_mismatch');
    const left = await stripe.paymentIntents.verifyMicrodeposits(intent.id, { amounts: [10, 11] });
    expect(left).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_method_microdeposit_verification_attempts_exceeded' },
    });
    const other = await debit((await make()).id, 'usd');
    const page = other.next_action?.verify_with_microdeposits?.hosted_verification_url ?? '';
    expect(await (await fetch(page)).text()).toContain('<label for="deposits">');
    await submit(page, { deposits: '32 and 45' });
    expect(await statusOf(other.id)).not.toBe('requires_action');
  });

  test.each([
    [{ type: 'sepa_debit', sepa_debit: { iban: 'DE89370400440532013001' } }, 'sepa_debit[iban]'],
    [{ type: 'sepa_debit', sepa_debit: { iban: 'AT271904300000055555' } }, 'sepa_debit[iban]'],
    [
      { type: 'bacs_debit', bacs_debit: { sort_code: '108800', account_number: '00044444' } },
      'bacs_debit[account_number]',
    ],
    [
      { type: 'us_bank_account', us_bank_account: { account_number: '1', routing_number: '110000000' } },
      'us_bank_account[account_number]',
    ],
    [{ type: 'giropay' }, 'type'],
  ] satisfies [Stripe.PaymentMethodCreateParams, string][])('of %j is refused', async (params, param) => {
    const billing_details = { name: 'A', email: 'a@example.com', address: { line1: '1' } };
    const error = await failure(stripe.paymentMethods.create({ ...params, billing_details }));
    expect([error.statusCode, error.param]).toEqual([400, param]);
  });
});

describe('a subscription paid by bank debit', () => {
  test('is active when the bank paid, and past due when it did not', async () => {
    const { id: customer } = await stripe.customers.create({});
    const method = async (token: string) => {
      const setup = await stripe.setupIntents.create({
        customer,
        payment_method: token,
        confirm: true,
        mandate_data: CONSENT,
        return_url: 'https://shop.example.com',
      });
      return ref(setup.payment_method);
    };
    const { id, status } = await stripe.subscriptions.create({
      customer,
      items: [{ price: await world.price() }],
      default_payment_method: await method('pm_usBankAccount_success'),
    });
    expect(status).toBe('incomplete');
    await world.control('POST', 'settle');
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('active');
    await stripe.subscriptions.update(id, {
      default_payment_method: await method('pm_usBankAccount_insufficientFunds'),
    });
    await world.advance('32d');
    const late = await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });
    expect(late).toMatchObject({ status: 'past_due', latest_invoice: { status: 'open', attempt_count: 1 } });
  });
});

describe('a page to approve at', () => {
  test('leads back to the shop, which learns how it went', async () => {
    for (const [outcome, status, redirect] of [
      ['succeed', 'succeeded', 'succeeded'],
      ['fail', 'requires_payment_method', 'failed'],
    ] as const) {
      const { id } = await stripe.paymentMethods.create({ type: 'ideal' });
      const intent = await pay(id, { currency: 'eur' });
      const url = intent.next_action?.redirect_to_url?.url ?? '';
      const page = await (await fetch(url)).text();
      expect(page).toContain('€42.00');
      expect(page).toContain('Authorize test payment');
      const answer = await submit(url, { outcome });
      const back = new URL(answer.headers.get('location') ?? '');
      expect([answer.status, back.origin, back.searchParams.get('cart')]).toEqual([
        303,
        'https://shop.example.com',
        '7',
      ]);
      expect([back.searchParams.get('payment_intent'), back.searchParams.get('redirect_status')]).toEqual([
        intent.id,
        redirect,
      ]);
      expect(await statusOf(intent.id)).toBe(status);
    }
  });

  test('shows a voucher, which can be paid there', async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 50_000,
      currency: 'mxn',
      confirm: true,
      allowed_payment_method_types: ['oxxo'],
      payment_method_data: { type: 'oxxo', billing_details: { name: '<b>A</b>', email: 'fill_never@example.com' } },
    });
    const details = intent.next_action?.oxxo_display_details;
    const url = details?.hosted_voucher_url ?? '';
    expect(await (await fetch(url)).text()).toContain(details?.number ?? 'no number');
    await submit(url, { outcome: 'succeed' });
    expect(await statusOf(intent.id)).toBe('succeeded');
    expect((await failure(stripe.refunds.create({ payment_intent: intent.id }))).code).toBe('charge_not_refundable');
  });

  test('waits with the refund of a voucher for its customer, until it is canceled or expires', async () => {
    const { id } = await stripe.paymentIntents.create({
      amount: 1000,
      currency: 'jpy',
      confirm: true,
      allowed_payment_method_types: ['konbini'],
      payment_method_data: { type: 'konbini', billing_details: { name: 'A', email: 'a@example.com' } },
    });
    await world.advance('1h');
    const { refunds, testHelpers } = stripe;
    for (const end of [(one: string) => refunds.cancel(one), (one: string) => testHelpers.refunds.expire(one)]) {
      const made = await stripe.refunds.create({ payment_intent: id, instructions_email: 'b@example.com' });
      expect(made).toMatchObject({ status: 'requires_action', instructions_email: 'b@example.com' });
      const gone = await end(made.id);
      expect(gone).toMatchObject({ id: made.id, status: 'canceled' });
      expect(ref(gone.failure_balance_transaction)).toMatch(/^txn_/);
      expect(await stripe.charges.retrieve(ref(made.charge))).toMatchObject({ refunded: false, amount_refunded: 0 });
      expect((await world.eventsOf('refund.updated'))[0]?.data.object).toMatchObject({ id: made.id });
      expect((await failure(end(made.id))).statusCode).toBe(400);
    }
  });

  test('forgets a voucher at the end of its last day in the shop', async () => {
    const { id, next_action } = await stripe.paymentIntents.create({
      amount: 1000,
      currency: 'jpy',
      confirm: true,
      allowed_payment_method_types: ['konbini'],
      payment_method_data: { type: 'konbini', billing_details: { name: 'A', email: 'fill_never@example.com' } },
      payment_method_options: { konbini: { expires_after_days: 1 } },
    });
    const expires = next_action?.konbini_display_details?.expires_at ?? 0;
    expect(new Date(expires * 1000).toISOString().slice(11)).toBe('14:59:59.000Z');
    await world.advance('3d');
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_intent_payment_attempt_expired' },
    });
  });
});

describe('time', () => {
  test('lets an authorization go after seven days', async () => {
    const intent = await pay('pm_card_visa', { capture_method: 'manual' });
    await world.advance('6d');
    expect(await statusOf(intent.id)).toBe('requires_capture');
    await world.advance('2d');
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'automatic',
    });
    expect((await world.eventsOf('charge.expired')).map(({ data }) => 'id' in data.object && data.object.id)).toContain(
      ref(intent.latest_charge),
    );
  });

  test('loses a dispute that nobody answers', async () => {
    const { id: payment_intent } = await pay('pm_card_createDispute');
    await world.control('POST', 'settle');
    const [dispute] = (await stripe.disputes.list({ payment_intent })).data;
    await world.advance('22d');
    expect(await stripe.disputes.retrieve(dispute?.id ?? '')).toMatchObject({
      status: 'lost',
      evidence_details: { past_due: true },
    });
  });

  test('makes money available two days later, and says so', async () => {
    const before = (await world.eventsOf('balance.available')).length;
    const intent = await pay('pm_card_visa');
    const [transaction] = (await stripe.balanceTransactions.list({ source: ref(intent.latest_charge) })).data;
    expect(transaction?.status).toBe('pending');
    expect(pending(await stripe.balance.retrieve())).toBe(transaction?.net);
    await world.advance('3d');
    expect((await stripe.balanceTransactions.retrieve(transaction?.id ?? '')).status).toBe('available');
    expect(pending(await stripe.balance.retrieve())).toBe(0);
    expect((await world.eventsOf('balance.available')).length).toBe(before + 1);
  });

  test('fails a refund that seemed to have gone through, and completes a pending one', async () => {
    const [bad, slow] = [await pay('pm_card_refundFail'), await pay('pm_card_pendingRefund')];
    const failing = await stripe.refunds.create({ payment_intent: bad.id });
    const late = await stripe.refunds.create({ payment_intent: slow.id });
    expect([failing.status, late.status]).toEqual(['succeeded', 'pending']);
    await world.advance('5m');
    expect((await stripe.refunds.retrieve(late.id)).status).toBe('succeeded');
    expect(await stripe.refunds.retrieve(failing.id, { expand: ['failure_balance_transaction'] })).toMatchObject({
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
      failure_balance_transaction: { amount: 4200, type: 'refund_failure' },
    });
    expect(await stripe.charges.retrieve(ref(bad.latest_charge))).toMatchObject({
      amount_refunded: 0,
      refunded: false,
    });
  });
});

describe('the country of the business', () => {
  test('says what it may offer, and what it pays', async () => {
    await world.control('POST', 'settings', { account_country: 'DE' });
    const intent = await pay('pm_card_de', {
      currency: 'eur',
      amount: 10_000,
      expand: ['latest_charge.balance_transaction'],
    });
    expect(intent.payment_method_types).not.toContain('us_bank_account');
    const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : null;
    expect(charge?.balance_transaction).toMatchObject({ fee: 175 });
    await world.control('POST', 'settings', { account_country: '' });
  });
});

/** The error that a call ends with. */
async function failure(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof Stripe.errors.StripeError) return error;
  throw new Error(`expected a failure, got ${JSON.stringify(error)}`);
}
