import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure, ref, until } from './support.js';

const c = contract();
const RETURN = 'https://example.com/done';
const CONSENT: Stripe.PaymentIntentCreateParams['mandate_data'] = {
  customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'contract' } },
};
const PERSON = { name: 'Jenny Rosen', email: 'jenny@example.com' };
const ADDRESS = { line1: '1 Main Street', city: 'London', country: 'GB', postal_code: 'SW1A 1AA' };

const pay = (payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  c.stripe.paymentIntents.create({
    amount: 4200,
    currency: 'usd',
    confirm: true,
    payment_method,
    return_url: RETURN,
    ...more,
  });
const usd = ({ available }: Stripe.Balance) => available.find(({ currency }) => currency === 'usd')?.amount ?? 0;
const make = (more: Partial<Stripe.PaymentIntentCreateParams>) =>
  c.stripe.paymentIntents.create({ amount: 4200, currency: 'eur', ...more });
const settled = (id: string, status = 'succeeded') =>
  until(
    () => c.stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] }),
    (intent) => intent.status === status,
  );
const disputeOf = async (charge: string) =>
  until(
    async () => (await c.stripe.disputes.list({ charge })).data[0],
    (dispute) => dispute !== undefined,
  );
const chargeOf = (intent: Stripe.PaymentIntent) => ref(intent.latest_charge);

describe('a dispute', () => {
  test('takes the amount and a fee, and gives both back when it is won', async () => {
    const charge = chargeOf(await pay('pm_card_createDispute'));
    const dispute = await disputeOf(charge);
    expect(dispute).toMatchObject({
      amount: 4200,
      status: 'needs_response',
      reason: 'fraudulent',
      is_charge_refundable: false,
      network_reason_code: '10.4',
      payment_method_details: { card: { case_type: 'chargeback', brand: 'visa' } },
      evidence_details: { has_evidence: false, past_due: false, submission_count: 0 },
    });
    expect(dispute?.balance_transactions).toMatchObject([
      { type: 'adjustment', amount: -4200, fee: 1500, net: -5700, reporting_category: 'dispute' },
    ]);
    expect((await c.stripe.charges.retrieve(charge)).disputed).toBe(true);
    expect((await failure(c.stripe.refunds.create({ charge }))).code).toBe('charge_disputed');

    const id = dispute?.id ?? '';
    await c.stripe.disputes.update(id, { evidence: { uncategorized_text: 'winning_evidence' } });
    const won = await until(
      () => c.stripe.disputes.retrieve(id),
      ({ status }) => status === 'won',
    );
    expect(won.balance_transactions.map(({ net }) => net)).toEqual([-5700, 5700]);
    for (const type of ['created', 'funds_withdrawn', 'updated', 'closed', 'funds_reinstated'])
      expect(await c.events(`charge.dispute.${type}`, id)).not.toHaveLength(0);
  });

  test('is lost by losing evidence, and by closing it', async () => {
    const [one, other] = [await pay('pm_card_createDispute'), await pay('pm_card_createDisputeProductNotReceived')];
    const [first, second] = [await disputeOf(chargeOf(one)), await disputeOf(chargeOf(other))];
    expect(second?.reason).toBe('product_not_received');
    await c.stripe.disputes.update(first?.id ?? '', { evidence: { uncategorized_text: 'losing_evidence' } });
    await until(
      () => c.stripe.disputes.retrieve(first?.id ?? ''),
      ({ status }) => status === 'lost',
    );
    expect((await c.stripe.disputes.close(second?.id ?? '')).status).toBe('lost');
  });

  test('that is only staged is not answered; what is submitted is counted', async () => {
    const dispute = await disputeOf(chargeOf(await pay('pm_card_createDispute')));
    const id = dispute?.id ?? '';
    const evidence = { product_description: 'A year of Pro' };
    expect(await c.stripe.disputes.update(id, { evidence, submit: false })).toMatchObject({
      status: 'needs_response',
      evidence_details: { has_evidence: true, submission_count: 0 },
    });
    expect(await c.stripe.disputes.update(id, { submit: true })).toMatchObject({
      status: 'under_review',
      evidence: { product_description: 'A year of Pro' },
      evidence_details: { submission_count: 1 },
    });
  });

  test('as an inquiry moves no money until it is escalated', async () => {
    const dispute = await disputeOf(chargeOf(await pay('pm_card_createDisputeInquiry')));
    expect(dispute).toMatchObject({
      status: 'warning_needs_response',
      balance_transactions: [],
      is_charge_refundable: true,
      payment_method_details: { card: { case_type: 'inquiry' } },
    });
    const id = dispute?.id ?? '';
    await c.stripe.disputes.update(id, { evidence: { uncategorized_text: 'escalate_inquiry_evidence' } });
    const escalated = await until(
      () => c.stripe.disputes.retrieve(id),
      ({ status }) => status === 'needs_response',
    );
    expect(escalated.balance_transactions.map(({ net }) => net)).toEqual([-5700]);
  });

  test('may be announced by an early fraud warning', async () => {
    const charge = chargeOf(await pay('pm_card_createIssuerFraudRecord'));
    const warnings = () => c.stripe.radar.earlyFraudWarnings.list({ charge });
    const [warning] = (await until(warnings, ({ data }) => data.length > 0)).data;
    expect(warning).toMatchObject({ actionable: true, charge });
  });
});

describe('evidence', () => {
  test('is uploaded as a file and named by a dispute', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const file = await c.stripe.files.create({
      purpose: 'dispute_evidence',
      file: { data: png, name: 'receipt.png', type: 'image/png' },
    });
    expect(file).toMatchObject({
      object: 'file',
      purpose: 'dispute_evidence',
      size: png.length,
      type: 'png',
      filename: 'receipt.png',
    });
    expect((await c.stripe.files.retrieve(file.id)).id).toBe(file.id);
    const dispute = await disputeOf(chargeOf(await pay('pm_card_createDispute')));
    const answered = await c.stripe.disputes.update(dispute?.id ?? '', {
      evidence: { receipt: file.id },
      submit: false,
    });
    expect(answered.evidence.receipt).toBe(file.id);
  });
});

describe('a refund', () => {
  test('may be pending first, and go through later', async () => {
    const refund = await c.stripe.refunds.create({ payment_intent: (await pay('pm_card_pendingRefund')).id });
    expect(refund.status).toBe('pending');
  });

  test('cannot be canceled, nor expire, once it went through', async () => {
    const refund = await c.stripe.refunds.create({ payment_intent: (await pay('pm_card_visa')).id });
    expect(refund.status).toBe('succeeded');
    expect((await failure(c.stripe.refunds.cancel(refund.id))).statusCode).toBe(400);
    expect((await failure(c.stripe.testHelpers.refunds.expire(refund.id))).statusCode).toBe(400);
  });
});

describe('the balance', () => {
  test('takes what bypasses the pending one at once, less the fee', async () => {
    const before = await c.stripe.balance.retrieve();
    const intent = await pay('pm_card_bypassPending', { expand: ['latest_charge.balance_transaction'] });
    const { latest_charge: charge } = intent;
    const transaction = typeof charge === 'object' && charge !== null ? charge.balance_transaction : null;
    expect(transaction).toMatchObject({ status: 'available', type: 'charge', amount: 4200, source: chargeOf(intent) });
    const net = typeof transaction === 'object' && transaction !== null ? transaction.net : 0;
    const after = await c.stripe.balance.retrieve();
    expect(usd(after) - usd(before)).toBe(net);
  });
});

describe('an authorization', () => {
  test('says until when it can be captured', async () => {
    const intent = await pay('pm_card_visa', { capture_method: 'manual', expand: ['latest_charge'] });
    const charge = await c.stripe.charges.retrieve(chargeOf(intent));
    const before = charge.payment_method_details?.card?.capture_before ?? 0;
    expect(Math.round((before - charge.created) / 86_400)).toBe(7);
  });
});

describe('3D Secure', () => {
  test('is asked for by the caller where the card can do it', async () => {
    const ask: Partial<Stripe.PaymentIntentCreateParams> = {
      payment_method_options: { card: { request_three_d_secure: 'any' } },
    };
    expect((await pay('pm_card_threeDSecureOptional', ask)).status).toBe('requires_action');
    expect((await pay('pm_card_amex_threeDSecureNotSupported', ask)).status).toBe('succeeded');
    expect((await pay('pm_card_threeDSecureOptional')).status).toBe('succeeded');
  });
});

describe('a bank debit', () => {
  const debits: [string, string, string][] = [
    ['pm_sepaDebit_success_de', 'sepa_debit', 'eur'],
    ['pm_bacsDebit_success', 'bacs_debit', 'gbp'],
    ['pm_auBecsDebit_success', 'au_becs_debit', 'aud'],
    ['pm_usBankAccount_success', 'us_bank_account', 'usd'],
  ];
  test.each(debits)(
    'of %s is processing, then succeeds, with the mandate it asked for',
    async (token, type, currency) => {
      const made = { currency, allowed_payment_method_types: [type], mandate_data: CONSENT };
      const intent = await pay(token, made);
      expect(intent.status).toBe('processing');
      const done = await settled(intent.id);
      expect(done).toMatchObject({ amount_received: 4200, latest_charge: { status: 'succeeded', paid: true } });
      for (const event of ['payment_intent.processing', 'payment_intent.succeeded'])
        expect(await c.events(event, intent.id)).toHaveLength(1);
      const charge = await c.stripe.charges.retrieve(chargeOf(done));
      const details = new Map(Object.entries(charge.payment_method_details ?? {})).get(type);
      const mandate: { mandate?: string } = { ...details };
      expect(await c.stripe.mandates.retrieve(mandate.mandate ?? '')).toMatchObject({
        status: 'active',
        type: 'single_use',
      });
    },
  );

  const failing: [string, string, string, string][] = [
    ['pm_sepaDebit_insufficientFunds_de', 'sepa_debit', 'eur', 'insufficient_funds'],
    ['pm_bacsDebit_debitNotAuthorized', 'bacs_debit', 'gbp', 'debit_not_authorized'],
    ['pm_auBecsDebit_accountClosed', 'au_becs_debit', 'aud', 'account_closed'],
    ['pm_usBankAccount_noAccount', 'us_bank_account', 'usd', 'no_account'],
  ];
  test.each(failing)('of %s is taken back by the bank', async (token, type, currency, code) => {
    const intent = await pay(token, { currency, allowed_payment_method_types: [type], mandate_data: CONSENT });
    expect(intent.status).toBe('processing');
    const failed = await settled(intent.id, 'requires_payment_method');
    expect(failed).toMatchObject({
      amount_received: 0,
      payment_method: null,
      latest_charge: { status: 'failed', paid: false, failure_code: code },
    });
    expect(failed.last_payment_error?.payment_method?.type).toBe(type);
    expect(await c.events('payment_intent.payment_failed', intent.id)).toHaveLength(1);
  });

  test('is refused without a mandate, and in another currency', async () => {
    const sepa = { currency: 'eur', allowed_payment_method_types: ['sepa_debit'] };
    expect((await failure(pay('pm_sepaDebit_success_de', sepa))).code).toBe('payment_intent_mandate_invalid');
    expect((await failure(pay('pm_sepaDebit_success_de', { mandate_data: CONSENT }))).code).toBe(
      'payment_intent_incompatible_payment_method',
    );
  });

  test('of an account given by number waits for microdeposits', async () => {
    const { id } = await c.stripe.paymentMethods.create({
      type: 'us_bank_account',
      us_bank_account: {
        account_holder_type: 'individual',
        account_number: '000123456789',
        routing_number: '110000000',
      },
      billing_details: PERSON,
    });
    const intent = await pay(id, { allowed_payment_method_types: ['us_bank_account'], mandate_data: CONSENT });
    expect(intent).toMatchObject({ status: 'requires_action', next_action: { type: 'verify_with_microdeposits' } });
    const verified = await c.stripe.paymentIntents.verifyMicrodeposits(intent.id, { descriptor_code: 'SM11AA' });
    expect(verified.status).toBe('processing');
    await settled(intent.id);
  });

  test('is set up once, and pays later without asking', async () => {
    const customer = await c.customer(null);
    const setup = await c.stripe.setupIntents.create({
      customer,
      allowed_payment_method_types: ['us_bank_account'],
      payment_method: 'pm_usBankAccount_success',
      confirm: true,
      mandate_data: CONSENT,
    });
    expect(setup.status).toBe('succeeded');
    expect(await c.stripe.mandates.retrieve(ref(setup.mandate))).toMatchObject({ status: 'active', type: 'multi_use' });
    const later = await pay(ref(setup.payment_method), {
      customer,
      allowed_payment_method_types: ['us_bank_account'],
      off_session: true,
    });
    expect(later.status).toBe('processing');
    await settled(later.id);
  });
});

describe('the kinds of methods', () => {
  test('are what fits the currency, of what was chosen', async () => {
    const allowed = await make({ allowed_payment_method_types: ['card', 'sepa_debit', 'us_bank_account'] });
    expect(allowed.payment_method_types.toSorted()).toEqual(['card', 'sepa_debit']);
    expect((await make({ excluded_payment_method_types: ['sepa_debit'] })).payment_method_types).not.toContain(
      'sepa_debit',
    );
    const both = { allowed_payment_method_types: ['card'], automatic_payment_methods: { enabled: true } };
    expect((await failure(make(both))).statusCode).toBe(400);
  });

  test('can no longer be said the old way', async () => {
    const old = { amount: 4200, currency: 'eur', payment_method_types: ['card'] };
    const error = await failure(c.stripe.paymentIntents.create(old));
    expect([error.statusCode, error.code]).toEqual([400, 'payment_method_types_no_longer_supported']);
  });
});

describe('a voucher', () => {
  const vouchers: [Stripe.PaymentIntentCreateParams.PaymentMethodData, string, number, string][] = [
    [{ type: 'oxxo', billing_details: PERSON }, 'mxn', 50_000, 'oxxo_display_details'],
    [
      {
        type: 'boleto',
        boleto: { tax_id: '000.000.000-00' },
        billing_details: { ...PERSON, address: { ...ADDRESS, country: 'BR', state: 'SP' } },
      },
      'brl',
      5_000,
      'boleto_display_details',
    ],
    [{ type: 'konbini', billing_details: PERSON }, 'jpy', 1_000, 'konbini_display_details'],
  ];
  test.each(vouchers)('of $type waits to be paid in a shop', async (payment_method_data, currency, amount, action) => {
    const intent = await c.stripe.paymentIntents.create({
      amount,
      currency,
      confirm: true,
      allowed_payment_method_types: [payment_method_data.type],
      payment_method_data,
    });
    expect(intent).toMatchObject({ status: 'requires_action', next_action: { type: action }, latest_charge: null });
  });

  test.each([
    ['succeed_immediately@example.com', 'succeeded'],
    ['expire_immediately@example.com', 'requires_payment_method'],
  ])('of %s is soon %s', async (email, status) => {
    const intent = await c.stripe.paymentIntents.create({
      amount: 50_000,
      currency: 'mxn',
      confirm: true,
      allowed_payment_method_types: ['oxxo'],
      payment_method_data: { type: 'oxxo', billing_details: { name: 'Jenny Rosen', email } },
    });
    await settled(intent.id, status);
  });
});

describe('a redirect', () => {
  const redirects: [Stripe.PaymentIntentCreateParams.PaymentMethodData, string, string][] = [
    [{ type: 'ideal' }, 'eur', 'redirect_to_url'],
    [{ type: 'bancontact', billing_details: PERSON }, 'eur', 'redirect_to_url'],
    [{ type: 'eps', billing_details: PERSON }, 'eur', 'redirect_to_url'],
    [{ type: 'p24', billing_details: PERSON }, 'pln', 'redirect_to_url'],
    [{ type: 'alipay' }, 'usd', 'alipay_handle_redirect'],
    [{ type: 'grabpay' }, 'sgd', 'redirect_to_url'],
    [{ type: 'fpx', fpx: { bank: 'maybank2u' } }, 'myr', 'redirect_to_url'],
    [{ type: 'paynow' }, 'sgd', 'paynow_display_qr_code'],
  ];
  // https://docs.stripe.com/payments/wechat-pay/accept-a-payment
  test('of wechat_pay shows a code to scan', async () => {
    const intent = await c.stripe.paymentIntents.create({
      amount: 4200,
      currency: 'usd',
      confirm: true,
      allowed_payment_method_types: ['wechat_pay'],
      payment_method_data: { type: 'wechat_pay' },
      payment_method_options: { wechat_pay: { client: 'web' } },
      return_url: 'https://shop.example.com/back',
    });
    expect(intent).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'wechat_pay_display_qr_code' },
      latest_charge: null,
    });
  });

  test.each(redirects)('of $type sends the payer away', async (payment_method_data, currency, action) => {
    const intent = await c.stripe.paymentIntents.create({
      amount: 4200,
      currency,
      confirm: true,
      return_url: RETURN,
      allowed_payment_method_types: [payment_method_data.type],
      payment_method_data,
    });
    expect(intent).toMatchObject({ status: 'requires_action', next_action: { type: action } });
  });

  test.each(['giropay', 'sofort'])('by %s is gone', async (type) => {
    const error = await failure(
      c.stripe.paymentIntents.create({ amount: 4200, currency: 'eur', allowed_payment_method_types: [type] }),
    );
    expect(error.statusCode).toBe(400);
  });
});
