import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll } from '@jest/globals';
import Stripe from 'stripe';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';

/** With a key of a Stripe test account the same flows run against Stripe itself. */
const KEY = process.env['STRIPE_CONTRACT_KEY'];
const PATIENCE = KEY === undefined ? 10_000 : 120_000;
const POLL = KEY === undefined ? 2 : 1_000;
/** When flows without a test clock begin, in the sandbox. */
export const BEGIN = new Date('2026-01-15T10:00:00Z');

/** One side of the contract: a sandbox of one's own, or Stripe itself. */
export class Contract {
  #sandbox: Sandbox | undefined;
  #stripe: Stripe | undefined;
  readonly #clocks: string[] = [];

  get stripe(): Stripe {
    if (this.#stripe === undefined) throw new Error('the contract is not open yet');
    return this.#stripe;
  }

  async open(): Promise<void> {
    if (KEY !== undefined) {
      if (!/^(sk|rk)_test_/.test(KEY)) throw new Error('STRIPE_CONTRACT_KEY must be the key of a test account.');
      this.#stripe = new Stripe(KEY, { telemetry: false });
      return;
    }
    // A checking proxy may be put before the sandbox by giving it a port of its own.
    const port = Number(process.env['SANDBOX_CONTRACT_PORT'] ?? 0);
    const sandbox = await startSandbox({ port, seed: 7, frozen: true, now: BEGIN });
    this.#sandbox = sandbox;
    this.#stripe = new Stripe('sk_test_contract', {
      host: '127.0.0.1',
      port: Number(process.env['SANDBOX_CONTRACT_PROXY'] ?? sandbox.port),
      protocol: 'http',
      maxNetworkRetries: 0,
      telemetry: false,
    });
  }

  async close(): Promise<void> {
    for (const clock of this.#clocks) await this.stripe.testHelpers.testClocks.del(clock).catch(() => undefined);
    await this.#sandbox?.close();
  }

  /** A test clock that stands at this moment (ISO, or seconds); it is deleted at the end with all that belongs to it. */
  async clock(at: string | number): Promise<TestClock> {
    const clock = await this.stripe.testHelpers.testClocks.create({ frozen_time: seconds(at), name: 'contract' });
    this.#clocks.push(clock.id);
    return new TestClock(this.stripe, clock.id, clock.frozen_time);
  }

  /** A customer whose default card is this test card. */
  async customer(card: string | null, params: Stripe.CustomerCreateParams = {}): Promise<string> {
    const { id } = await this.stripe.customers.create({ email: 'contract@example.com', ...params });
    if (card !== null) await this.useCard(id, card);
    return id;
  }

  /** Answers the id of the payment method that became the customer's default. */
  async useCard(customer: string, card: string): Promise<string> {
    const { id } = await this.stripe.paymentMethods.attach(card, { customer });
    await this.stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
    return id;
  }

  /** A monthly price in US dollars of a product of its own, if nothing else is asked for. */
  async price(unit_amount: number | undefined, more: Partial<Stripe.PriceCreateParams> = {}): Promise<string> {
    const price = await this.stripe.prices.create({
      currency: 'usd',
      ...(unit_amount !== undefined && { unit_amount }),
      recurring: { interval: 'month' },
      product_data: { name: 'Contract' },
      ...more,
    });
    return price.id;
  }

  /** An amount with fractions of a minor unit. */
  decimal(text: string): Stripe.Decimal {
    return Stripe.Decimal.from(text);
  }

  /** Without `recurring`. */
  async oneTimePrice(unit_amount: number, more: Partial<Stripe.PriceCreateParams> = {}): Promise<string> {
    const price = await this.stripe.prices.create({
      currency: 'usd',
      unit_amount,
      product_data: { name: 'Contract extra' },
      ...more,
    });
    return price.id;
  }

  /** The events of this type about this object, newest first, once there are so many; Stripe tells them a little later. */
  async events(type: string, about: string, least = 1): Promise<Stripe.Event[]> {
    return until(
      async () => {
        const { data } = await this.stripe.events.list({ type, limit: 100 });
        return data.filter((event) => JSON.stringify(event.data.object).includes(`"${about}"`));
      },
      (found) => found.length >= least,
    );
  }
}

/** Time travel, as Stripe has it: https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage */
export class TestClock {
  constructor(
    readonly stripe: Stripe,
    readonly id: string,
    public now: number,
  ) {}

  /**
   * Goes to a moment (ISO or seconds), or so much further: `{ days: 3, hours: 2 }`; waits until all is done. At most two
   * intervals of the shortest subscription at once.
   */
  async advance(to: string | number | { days?: number; hours?: number }): Promise<void> {
    this.now = typeof to === 'object' ? this.now + (to.days ?? 0) * 86_400 + (to.hours ?? 0) * 3_600 : seconds(to);
    await this.stripe.testHelpers.testClocks.advance(this.id, { frozen_time: this.now });
    await this.ready();
  }

  ready(): Promise<Stripe.TestHelpers.TestClock> {
    return until(
      () => this.stripe.testHelpers.testClocks.retrieve(this.id),
      ({ status }) => status !== 'advancing',
    );
  }
}

/** Opens the contract for the tests of a file. */
export function contract(): Contract {
  const opened = new Contract();
  beforeAll(() => opened.open());
  afterAll(() => opened.close());
  return opened;
}

/** Asks until the answer is good enough. */
export async function until<T>(ask: () => Promise<T>, enough: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (enough(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE} ms in vain; last: ${JSON.stringify(answer)}`);
    await pause(POLL);
  }
}

/** Seconds since 1970 of an ISO date. */
export function seconds(at: string | number): number {
  return typeof at === 'number' ? at : Date.parse(at) / 1000;
}

/** The id behind a field that may hold the id or the whole object. */
export function ref(value: string | { id: string } | null | undefined): string {
  if (value === null || value === undefined) throw new Error('there is no reference');
  return typeof value === 'string' ? value : value.id;
}

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof Stripe.errors.StripeError) return error;
  throw new Error(`expected a failure, got ${JSON.stringify(error)}`);
}
