import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import type { List } from '../../src/api/list.js';
import type { Problem } from '../../src/api/problem.js';
import { Transactions } from '../../src/database/transactions.js';
import { Commands } from '../../src/mirror/commands.js';
import { StripeApi } from '../../src/stripe/stripe-api.js';
import type { SubscriptionView } from '../../src/subscriptions/subscription-view.js';
import { World } from '../support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterEach(() => world.sandbox.behave());
afterAll(() => world.close());

const pro = { plan: 'pro', interval: 'month', trial_days: 0, payment_method: 'pm_card_visa' };

async function customer(external_id: string): Promise<string> {
  await world.api.post('/v1/customers', { external_id });
  return external_id;
}

const subscribe = (body: object, headers = {}) => world.api.post<SubscriptionView>('/v1/subscriptions', body, headers);

const act = (id: string, verb: 'cancel' | 'resume' | 'change', body: object = {}) =>
  world.api.post<SubscriptionView & Problem>(`/v1/subscriptions/${id}/${verb}`, body);

const get = async (id: string) => (await world.api.get<SubscriptionView>(`/v1/subscriptions/${id}`)).body;

async function atStripe(external_id: string): Promise<Stripe.Subscription[]> {
  const { body } = await world.api.get<{ id: string }>(`/v1/customers/${external_id}`);
  const { object } = await world
    .get(StripeApi)
    .read((stripe) => stripe.subscriptions.list({ customer: body.id, status: 'all' }));
  return object.data;
}

describe('subscribing', () => {
  test('with a card is active at once', async () => {
    const { status, body } = await subscribe({ ...pro, customer: await customer('ada'), quantity: 2 });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^sub_/),
      object: 'subscription',
      customer: expect.stringMatching(/^cus_/),
      external_id: 'ada',
      status: 'active',
      plan: 'pro',
      interval: 'month',
      currency: 'eur',
      quantity: 2,
      items: [
        {
          id: expect.stringMatching(/^si_/),
          price: expect.stringMatching(/^price_/),
          product: 'gs_pro',
          plan: 'pro',
          quantity: 2,
          current_period_start: '2026-01-15T09:00:00.000Z',
          current_period_end: '2026-02-15T09:00:00.000Z',
        },
      ],
      current_period_start: '2026-01-15T09:00:00.000Z',
      current_period_end: '2026-02-15T09:00:00.000Z',
      trial_end: null,
      cancel_at: null,
      cancel_at_period_end: false,
      canceled_at: null,
      ended_at: null,
      latest_invoice: expect.stringMatching(/^in_/),
      next_action: null,
      created: '2026-01-15T09:00:00.000Z',
    });
    expect(await get(body.id)).toEqual(body);
  });

  test('has the catalogue’s trial, which takes no card; whoever had a subscription has it no more', async () => {
    const who = await customer('bob');
    const { status, body } = await subscribe({ customer: who, plan: 'starter', interval: 'year', currency: 'usd' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: 'trialing',
      interval: 'year',
      currency: 'usd',
      trial_end: '2026-01-29T09:00:00.000Z',
    });
    await act(body.id, 'cancel', { at: 'now' });
    const again = await subscribe({ customer: who, plan: 'starter', interval: 'year' });
    expect(again).toMatchObject({ status: 422, body: { code: 'payment_method_required' } });
  });

  test('that needs 3-D Secure says how to finish it, and is active when that is done', async () => {
    const { status, body } = await subscribe({
      ...pro,
      customer: await customer('carl'),
      payment_method: 'pm_card_authenticationRequired',
    });
    expect(status).toBe(201);
    expect(body.status).toBe('incomplete');
    expect(body.next_action).toEqual({
      type: expect.stringMatching(/^(use_stripe_sdk|redirect_to_url)$/),
      client_secret: expect.stringMatching(/^pi_.*_secret_/),
      hosted_invoice_url: expect.stringMatching(/^http/),
      payment: expect.stringMatching(/^pi_/),
    });
    expect((await get(body.id)).next_action).toEqual(body.next_action);
    await world.sandbox.post(`payment_intents/${body.next_action?.payment}/authenticate`, { outcome: 'succeed' });
    await world.sandbox.settle();
    expect(await get(body.id)).toMatchObject({ status: 'active', next_action: null });
  });

  test('with a card that is declined leaves no subscription and no open invoice, and the old card stays the default', async () => {
    const who = await customer('dora');
    const first = await subscribe({ ...pro, customer: who });
    await act(first.body.id, 'cancel', { at: 'now' });
    const before = await world.api.get<{ default_payment_method: string }>(`/v1/customers/${who}`);
    const declined = await subscribe({ ...pro, customer: who, payment_method: 'pm_card_chargeCustomerFail' });
    expect(declined).toMatchObject({
      status: 402,
      body: { code: 'card_declined', decline_code: 'generic_decline', advice: 'call_bank' },
    });
    await world.sandbox.settle();
    const subscriptions = await atStripe(who);
    expect(subscriptions.map(({ status }) => ['canceled', 'incomplete_expired'].includes(status))).toEqual([
      true,
      true,
    ]);
    const invoices = await world
      .get(StripeApi)
      .read((stripe) => stripe.invoices.list({ customer: first.body.customer }));
    expect(new Set(invoices.object.data.map(({ status }) => status))).toEqual(new Set(['paid', 'void']));
    expect((await world.api.get(`/v1/customers/${who}`)).body).toMatchObject({
      default_payment_method: before.body.default_payment_method,
    });
    expect((await subscribe({ ...pro, customer: who })).status).toBe(201);
  });

  test('to a second plan of the group is refused, naming the live one', async () => {
    const who = await customer('eve');
    const { body } = await subscribe({ ...pro, customer: who });
    expect(await subscribe({ ...pro, customer: who, plan: 'business' })).toMatchObject({
      status: 409,
      body: { code: 'subscription_exists', subscription: body.id, subscription_status: 'active' },
    });
  });

  test('ten times at once makes one subscription', async () => {
    const who = await customer('fay');
    const answers = await Promise.all(Array.from({ length: 10 }, () => subscribe({ ...pro, customer: who })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    expect(await atStripe(who)).toHaveLength(1);
  });

  test('while another is under way is told so', async () => {
    const who = await customer('grace');
    await world.sandbox.mischief({ requests: { delay_ms: 500, times: 1, match: 'POST /v1/subscriptions' } });
    const answers = await Promise.all([
      subscribe({ ...pro, customer: who }),
      subscribe({ ...pro, customer: who, plan: 'starter' }),
    ]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
    expect(answers.find(({ status }) => status === 409)).toMatchObject({
      body: { code: 'operation_in_progress', retryable: true },
    });
  });

  test('is refused while it is not known whether it was done before; the same request goes on with it', async () => {
    const who = await customer('heidi');
    const ask = (key: string) => subscribe({ ...pro, customer: who }, { 'idempotency-key': key });
    await world.sandbox.mischief({
      requests: { cut_after_apply: true, times: 3, match: 'POST /v1/subscriptions' },
      // Its events would tell that it was.
      deliveries: { drop: 1 },
    });
    expect(await ask('heidi-1')).toMatchObject({ status: 503, body: { code: 'stripe_unavailable' } });
    await world.sandbox.behave();
    expect(await ask('heidi-2')).toMatchObject({ status: 409, body: { code: 'operation_in_progress' } });
    const again = await ask('heidi-1');
    expect(again).toMatchObject({ status: 201, body: { status: 'active' } });
    expect(await atStripe(who)).toHaveLength(1);
  });

  test('whose answer was lost is there once the command was resumed', async () => {
    const who = await customer('ivan');
    await world.sandbox.mischief({ requests: { cut_after_apply: true, times: 3, match: 'POST /v1/subscriptions' } });
    expect((await subscribe({ ...pro, customer: who })).status).toBe(503);
    await world.sandbox.behave();
    await world.get(Commands).resume(0);
    const { body } = await world.api.get<List<SubscriptionView>>(`/v1/subscriptions?customer=${who}`);
    expect(body.data.map(({ status }) => status)).toEqual(['active']);
  });

  test('goes on after whoever had claimed the group died', async () => {
    const who = await customer('judy');
    const { body } = await world.api.get<{ id: string }>(`/v1/customers/${who}`);
    const claim = (minutes: number) =>
      world.get(Transactions).run((em) =>
        em.execute(
          `insert into subscription_claims (customer, subject, owner, claimed_at) values (?, 'main', 'dead', now() - make_interval(mins => ?))
           on conflict (customer, subject) do update set claimed_at = excluded.claimed_at`,
          [body.id, minutes],
        ),
      );
    await claim(1);
    expect(await subscribe({ ...pro, customer: who })).toMatchObject({
      status: 409,
      body: { code: 'operation_in_progress' },
    });
    await claim(3);
    expect((await subscribe({ ...pro, customer: who })).status).toBe(201);
  });
});

describe('changing', () => {
  test('up is charged at once, down is credited later', async () => {
    const { body } = await subscribe({ ...pro, customer: await customer('kim') });
    await world.sandbox.advance('15d');
    const up = await act(body.id, 'change', { plan: 'business' });
    expect(up).toMatchObject({ status: 200, body: { plan: 'business', interval: 'month', status: 'active' } });
    expect(up.body.latest_invoice).not.toBe(body.latest_invoice);
    expect(up.body.current_period_end).toBe(body.current_period_end);
    const down = await act(body.id, 'change', { plan: 'starter', quantity: 1 });
    expect(down).toMatchObject({ status: 200, body: { plan: 'starter', latest_invoice: up.body.latest_invoice } });
    const yearly = await act(body.id, 'change', { plan: 'starter', interval: 'year' });
    expect(yearly).toMatchObject({ status: 200, body: { interval: 'year' } });
    expect(await act(body.id, 'change', { plan: 'starter' })).toMatchObject({ status: 200, body: yearly.body });
  });

  test('up with a card that is declined changes nothing', async () => {
    const { body } = await subscribe({ ...pro, customer: await customer('leo') });
    await world.get(StripeApi).read(async (stripe) => {
      const { id } = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: body.customer });
      return stripe.customers.update(body.customer, { invoice_settings: { default_payment_method: id } });
    });
    await world.sandbox.advance('1d');
    expect(await act(body.id, 'change', { plan: 'business' })).toMatchObject({
      status: 402,
      body: { code: 'card_declined' },
    });
    await world.sandbox.settle();
    expect(await get(body.id)).toEqual(body);
  });

  test('ten times at once: one at a time, and what Stripe holds is what was answered last', async () => {
    const who = await customer('mia');
    const { body } = await subscribe({ ...pro, customer: who });
    await world.sandbox.mischief({ requests: { delay_ms: 500, times: 1, match: `POST /v1/subscriptions/${body.id}` } });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => act(body.id, 'change', { plan: 'pro', quantity: index + 2 })),
    );
    const made = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 409);
    expect([made.length, refused.length]).toEqual([1, 9]);
    expect(new Set(refused.map(({ body: problem }) => problem.code))).toEqual(new Set(['change_in_progress']));
    const [subscription] = await atStripe(who);
    expect(subscription?.items.data[0]?.quantity).toBe(made[0]?.body.quantity);
    expect(await get(body.id)).toMatchObject({ quantity: made[0]?.body.quantity });
  });

  test('is refused while it is not known what became of the last change', async () => {
    const { body } = await subscribe({ ...pro, customer: await customer('nina') });
    await world.sandbox.mischief({
      requests: { cut_after_apply: true, times: 3, match: `POST /v1/subscriptions/${body.id}` },
    });
    expect((await act(body.id, 'change', { plan: 'pro', quantity: 3 })).status).toBe(503);
    await world.sandbox.behave();
    expect(await act(body.id, 'cancel', { at: 'period_end' })).toMatchObject({
      status: 409,
      body: { code: 'operation_in_progress' },
    });
    await world.get(Commands).resume(0);
    expect(await act(body.id, 'cancel', { at: 'period_end' })).toMatchObject({ status: 200, body: { quantity: 3 } });
  });
});

describe('ending', () => {
  test('at the period’s end can be undone until then', async () => {
    const { body } = await subscribe({ ...pro, customer: await customer('olga') });
    const scheduled = await act(body.id, 'cancel', { at: 'period_end' });
    expect(scheduled).toMatchObject({
      status: 200,
      body: { status: 'active', cancel_at: body.current_period_end, cancel_at_period_end: true },
    });
    const undone = await act(body.id, 'resume');
    expect(undone).toMatchObject({
      status: 200,
      body: { status: 'active', cancel_at: null, cancel_at_period_end: false },
    });
    await act(body.id, 'cancel', { at: 'period_end' });
    await world.sandbox.advance('32d');
    expect(await get(body.id)).toMatchObject({ status: 'canceled' });
    expect(await act(body.id, 'resume')).toMatchObject({ status: 409, body: { code: 'subscription_ended' } });
    expect(await act(body.id, 'change', { plan: 'pro' })).toMatchObject({
      status: 409,
      body: { code: 'subscription_ended' },
    });
  });

  test('that was scheduled by a date alone is undone too', async () => {
    const { body } = await subscribe({ ...pro, customer: await customer('paul') });
    await world.get(StripeApi).read((stripe) => stripe.subscriptions.update(body.id, { cancel_at: 'max_period_end' }));
    await world.sandbox.settle();
    expect(await get(body.id)).toMatchObject({ cancel_at: body.current_period_end, cancel_at_period_end: false });
    expect(await act(body.id, 'resume')).toMatchObject({ status: 200, body: { cancel_at: null } });
  });

  test('now, and again', async () => {
    const { body } = await subscribe({ ...pro, customer: await customer('quinn') });
    const ended = await act(body.id, 'cancel', { at: 'now' });
    expect(ended).toMatchObject({ status: 200, body: { status: 'canceled' } });
    expect(await act(body.id, 'cancel', { at: 'now' })).toMatchObject({ status: 200, body: ended.body });
  });

  test('one that waits for 3-D Secure leaves nothing to pay', async () => {
    const { body } = await subscribe({
      ...pro,
      customer: await customer('rosa'),
      payment_method: 'pm_card_authenticationRequired',
    });
    expect((await act(body.id, 'cancel', { at: 'now' })).status).toBe(200);
    const invoice = await world.get(StripeApi).read((stripe) => stripe.invoices.retrieve(body.latest_invoice ?? ''));
    expect(invoice.object.status).toBe('void');
  });

  test('a trial without a card pauses it; with a card it can be resumed', async () => {
    const who = await customer('sam');
    const { body } = await subscribe({ customer: who, plan: 'pro', interval: 'month', trial_days: 3 });
    await world.sandbox.advance('4d');
    expect((await get(body.id)).status).toBe('paused');
    expect(await act(body.id, 'resume')).toMatchObject({ status: 422, body: { code: 'payment_method_required' } });
    await world.api.post(`/v1/customers/${who}/payment_methods`, { payment_method: 'pm_card_chargeCustomerFail' });
    expect(await act(body.id, 'resume')).toMatchObject({ status: 402, body: { code: 'card_declined' } });
    expect((await get(body.id)).status).toBe('paused');
    await world.api.post(`/v1/customers/${who}/payment_methods`, { payment_method: 'pm_card_visa' });
    expect(await act(body.id, 'resume')).toMatchObject({ status: 200, body: { status: 'active' } });
  });
});

describe('lists and bad input', () => {
  test('subscriptions are listed by customer and status, ended ones too', async () => {
    const who = await customer('tina');
    const ended = await subscribe({ ...pro, customer: who });
    await act(ended.body.id, 'cancel', { at: 'now' });
    await world.sandbox.advance('1d');
    const live = await subscribe({ ...pro, customer: who });
    const list = async (query: string) =>
      (await world.api.get<List<SubscriptionView>>(`/v1/subscriptions?customer=${who}${query}`)).body.data.map(
        ({ id }) => id,
      );
    expect(await list('')).toEqual([live.body.id, ended.body.id]);
    expect(await list('&status=canceled')).toEqual([ended.body.id]);
    expect(await list('&limit=1')).toEqual([live.body.id]);
    expect(await list(`&starting_after=${live.body.id}`)).toEqual([ended.body.id]);
  });

  test.each([
    [{ plan: 'gold' }, '/plan', 'starter, pro, business'],
    [{ interval: 'week' }, '/interval', 'month, year'],
    [{ currency: 'gbp' }, '/currency', 'eur, usd'],
    [{ quantity: 0 }, '/quantity', ''],
    [{ coupon: 'x' }, '/coupon', ''],
  ])('%j is refused, naming what there is', async (over, pointer, known) => {
    const { status, body } = await world.api.post<Problem>('/v1/subscriptions', {
      ...pro,
      customer: await customer('ursula'),
      ...over,
    });
    expect([status, body.code]).toEqual([422, 'invalid_input']);
    expect(body.errors).toEqual([{ pointer, detail: expect.stringContaining(known) }]);
  });

  test('unknown customers, subscriptions and payment methods are named', async () => {
    expect(await subscribe({ ...pro, customer: 'nobody' })).toMatchObject({
      status: 404,
      body: { code: 'customer_not_found' },
    });
    expect(await act('sub_unknown', 'cancel', { at: 'now' })).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
    const unknown = await subscribe({ ...pro, customer: await customer('victor'), payment_method: 'pm_unknown' });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'stripe_object_missing' } });
    expect(await atStripe('victor')).toEqual([]);
  });
});
