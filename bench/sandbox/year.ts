import { Client } from './client.js';
import { startSandbox } from '../common/measured.js';
import { Receiver } from './receiver.js';

const AT_ONCE = 16;
const FAILING = 0.05;
/** What an application follows to know who has paid: https://docs.stripe.com/billing/subscriptions/webhooks */
export const FOLLOWED = [
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'invoice.paid',
  'invoice.payment_failed',
];
const FIRST_CARD = 'payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa';
const BEGIN = Date.UTC(2026, 0, 15, 10);

export interface Year {
  customers: number;
  renewals: number;
  failed_payments: number;
  events: number;
  deliveries: number;
  /** Making the customers and their subscriptions. */
  setup_s: number;
  /** Turning the clock. */
  turning_s: number;
  peak_mb: number;
  /** Processor time of the sandbox per renewal, the first month left out. */
  cpu_ms_per_renewal: number;
}

/**
 * Customers with a monthly subscription, some of whose cards fail after the first payment, through so many
 * months. All of them renew at the same second: the hardest way.
 */
export async function year(customers: number, months: number, seed: number, types: string[]): Promise<Year> {
  const asked = types.map((type, index) => `enabled_events[${index}]=${type}`);
  const receiver = new Receiver();
  const now = ['--now', new Date(BEGIN).toISOString(), '--frozen', '--seed', String(seed)];
  const sandbox = await startSandbox([...now, '--ephemeral']);
  const client = new Client(sandbox.port);

  const endpoint = await client.api('webhook_endpoints', [`url=${await receiver.listen()}`, ...asked].join('&'));
  receiver.secret = endpoint.secret ?? '';

  let began = performance.now();
  await subscribe(client, customers, seed);
  await client.control('settle', {});
  const setup_s = (performance.now() - began) / 1000;
  const first = receiver.renewals;

  began = performance.now();
  let warm = { renewals: 0, cpu_s: 0 };
  for (let month = 1; month <= months; month += 1) {
    // A day beyond the renewals, so that their invoices are paid.
    await client.control('clock/advance', { to: new Date(Date.UTC(2026, month, 16, 10)).toISOString() });
    if (month === 1) warm = { renewals: receiver.renewals, cpu_s: (await sandbox.usage()).cpu_s };
  }
  const turning_s = (performance.now() - began) / 1000;
  const { peak_mb, cpu_s } = await sandbox.usage();
  const { events } = await client.counts();
  client.close();
  await sandbox.stop();
  receiver.close();
  return {
    customers,
    renewals: receiver.renewals - first,
    failed_payments: receiver.types.get('invoice.payment_failed') ?? 0,
    events,
    deliveries: receiver.received,
    setup_s,
    turning_s,
    peak_mb,
    cpu_ms_per_renewal: ((cpu_s - warm.cpu_s) * 1000) / (receiver.renewals - warm.renewals),
  };
}

async function subscribe(client: Client, customers: number, seed: number): Promise<void> {
  const price = await client.api(
    'prices',
    'currency=usd&unit_amount=1900&recurring[interval]=month&product_data[name]=Bench',
  );
  const failing = chosen(customers, Math.round(customers * FAILING), seed);
  let next = 0;
  const worker = async () => {
    while (next < customers) {
      const number = next;
      next += 1;
      const { id: customer } = await client.api('customers', `email=c${number}@example.com&${FIRST_CARD}`);
      await client.api('subscriptions', `customer=${customer}&items[0][price]=${price.id}`);
      if (failing.has(number)) await useCard(client, customer, 'pm_card_chargeCustomerFail');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function useCard(client: Client, customer: string, card: string): Promise<void> {
  const method = await client.api(`payment_methods/${card}/attach`, `customer=${customer}`);
  await client.api(`customers/${customer}`, `invoice_settings[default_payment_method]=${method.id}`);
}

/** So many of the first `most` whole numbers, the same ones for the same seed. */
function chosen(most: number, many: number, seed: number): Set<number> {
  const numbers = new Set<number>();
  let state = seed;
  while (numbers.size < many) {
    // https://en.wikipedia.org/wiki/Linear_congruential_generator with the numbers of "Numerical Recipes".
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    numbers.add(Math.floor((state / 2 ** 32) * most));
  }
  return numbers;
}
