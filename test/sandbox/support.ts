import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';

export const WEBHOOK_SECRET = 'whsec_test_secret';

/** A sandbox of one's own with the official client and what tests ask of its controls. */
export class TestSandbox {
  constructor(
    readonly sandbox: Sandbox,
    readonly stripe: Stripe,
    readonly lines: object[],
  ) {}

  static async start(options: Partial<SandboxOptions> = {}): Promise<TestSandbox> {
    const lines: object[] = [];
    const sandbox = await startSandbox({
      port: 0,
      seed: 7,
      frozen: true,
      now: new Date('2026-01-31T10:00:00Z'),
      log: (line) => lines.push(line),
      ...options,
    });
    return new TestSandbox(sandbox, clientOf(sandbox.port), lines);
  }

  /** A control that answers JSON. */
  async control(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.sandbox.url}/_sandbox/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer: Record<string, unknown> = JSON.parse(await response.text());
    return answer;
  }

  advance(by: string): Promise<Record<string, unknown>> {
    return this.control('POST', 'clock/advance', { by });
  }

  /** The types of all events so far, oldest first; `since`: only those after this many. */
  async eventTypes(since = 0): Promise<string[]> {
    const events = await this.stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 });
    return events
      .toReversed()
      .slice(since)
      .map((event) => event.type);
  }

  async eventsOf(type: string): Promise<Stripe.Event[]> {
    return (await this.stripe.events.list({ type, limit: 100 })).data;
  }

  /** A monthly price, and a customer whose default card is this test card. */
  async customerWith(card: string): Promise<string> {
    const customer = await this.stripe.customers.create({ email: 'jenny@example.com', name: 'Jenny Rosen' });
    const method = await this.stripe.paymentMethods.attach(card, { customer: customer.id });
    await this.stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
    return customer.id;
  }

  async price(
    unit_amount = 1000,
    recurring: Stripe.PriceCreateParams.Recurring = { interval: 'month' },
  ): Promise<string> {
    const price = await this.stripe.prices.create({
      currency: 'usd',
      unit_amount,
      recurring,
      product_data: { name: 'Pro' },
    });
    return price.id;
  }

  close(): Promise<void> {
    return this.sandbox.close();
  }
}

export function clientOf(port: number, apiKey = 'sk_test_123'): Stripe {
  return new Stripe(apiKey, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
}

export interface Received {
  signature: string;
  body: string;
}

/** A webhook receiver that answers as told. */
export class Receiver {
  readonly received: Received[] = [];
  /** Status to answer with, or null to never answer. */
  answer: (body: string) => number | null = () => 200;
  #waiting: { enough: () => boolean; resolve: () => void }[] = [];

  constructor(readonly server: Server) {}

  static async start(port = 0): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => void receiver.#take(request, response));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/webhooks`;
  }

  types(): string[] {
    return this.received.map(({ body }) => typeOf(body));
  }

  /** Resolved as soon as the condition holds. */
  until(enough: () => boolean): Promise<void> {
    if (enough()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ enough, resolve }));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString('utf8');
    this.received.push({ signature: String(request.headers['stripe-signature']), body });
    const status = this.answer(body);
    if (status !== null) response.writeHead(status).end();
    for (const waiter of this.#waiting) if (waiter.enough()) waiter.resolve();
  }
}

/** The id behind a field that may hold the id or the whole object. */
export function ref(value: string | { id: string } | null | undefined): string {
  if (value === null || value === undefined) throw new Error('there is no reference');
  return typeof value === 'string' ? value : value.id;
}

export function typeOf(body: string): string {
  const event: { type: string } = JSON.parse(body);
  return event.type;
}
