import { writeFile } from 'node:fs/promises';
import type Stripe from 'stripe';
import { Client } from '../sandbox/client.js';
import { createdEvent, EVENTS_PER_LIFE, lifeOf } from './life.js';
import type { Templates } from './life.js';

export const BUSINESS_NOW = '2026-09-01T00:00:00Z';

/** Until the code is compiled that runs often: a server that has been up for a minute is what is measured. */
const MOST_WARMING = 10_000;

export interface EventsFile {
  path: string;
  events: number;
  subscriptions: number;
  /** Of the measured ones. */
  mean_bytes: number;
  /** So many come before them, of other subscriptions: they warm up what is measured. */
  warmup: number;
}

/**
 * Writes the bodies of so many events, one JSON string a line. All subscriptions' first events come first, then all second
 * ones: the subscriptions live side by side, as they do.
 */
export async function writeEvents(path: string, sandboxPort: number, events: number): Promise<EventsFile> {
  const templates = await templatesOf(sandboxPort);
  const subscriptions = Math.ceil(events / EVENTS_PER_LIFE);
  const warming = Math.ceil(Math.min(MOST_WARMING, events) / EVENTS_PER_LIFE);
  const warmup = [...templates.catalog.map(createdEvent), ...sideBySide(templates, subscriptions, warming)];
  const measured = sideBySide(templates, 0, subscriptions).slice(0, events);
  await writeFile(path, [...warmup, ...measured].map((body) => JSON.stringify(body)).join('\n'));
  const bytes = measured.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
  return { path, events, subscriptions, mean_bytes: Math.round(bytes / events), warmup: warmup.length };
}

function sideBySide(templates: Templates, first: number, lives: number): string[] {
  const now = Date.parse(BUSINESS_NOW) / 1000;
  const all = Array.from({ length: lives }, (_, index) => lifeOf(first + index, templates, now));
  return Array.from({ length: EVENTS_PER_LIFE }, (_, step) => all.map((life) => life[step] ?? '')).flat();
}

async function templatesOf(sandboxPort: number): Promise<Templates> {
  const client = new Client(sandboxPort);
  const price = (plan: string, amount: number) =>
    client.api(
      'prices',
      `currency=usd&unit_amount=${amount}&recurring[interval]=month&product_data[name]=${plan}&metadata[plan]=${plan}`,
    );
  const card = 'payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa';
  const [pro, business] = [await price('pro', 4900), await price('business', 19_900)];
  const { id: known } = await client.api('customers', `email=ada@example.com&name=Ada%20Lovelace&${card}`);
  const { id } = await client.api('subscriptions', `customer=${known}&items[0][price]=${pro.id}`);
  const subscription = await client.read<Stripe.Subscription>(`subscriptions/${id}`);
  const latest = typeof subscription.latest_invoice === 'string' ? subscription.latest_invoice : '';
  const invoice = await client.read<Stripe.Invoice>(`invoices/${latest}`);
  const customer = await client.read<Stripe.Customer>(`customers/${known}`);
  const other = await client.read<Stripe.Price>(`prices/${business.id}`);
  const own = await client.read<Stripe.Price>(`prices/${pro.id}`);
  const productOf = ({ product }: Stripe.Price) =>
    client.read<Stripe.Product>(`products/${typeof product === 'string' ? product : product.id}`);
  const catalog = [own, other, await productOf(own), await productOf(other)];
  client.close();
  return { customer, subscription, invoice, other, catalog };
}
