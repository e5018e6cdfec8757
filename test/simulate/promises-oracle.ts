import type { World } from './world.js';

const ENDED = new Set(['canceled', 'incomplete_expired']);

/** What may exist only once at Stripe, whatever was repeated on the way. */
export async function promisesBroken({ stripe }: World): Promise<string[]> {
  const people = new Counts('customers have the external_id');
  for await (const { metadata } of stripe.customers.list({ limit: 100 })) people.count(metadata['external_id']);
  const orders = new Counts('payments have the order_id');
  for await (const { metadata } of stripe.paymentIntents.list({ limit: 100 })) orders.count(metadata['order_id']);
  const live = new Counts('live subscriptions (of one plan group) belong to the customer');
  for await (const { customer, status } of stripe.subscriptions.list({ status: 'all', limit: 100 }))
    if (!ENDED.has(status)) live.count(typeof customer === 'string' ? customer : customer.id);
  return [...people.above(1), ...orders.above(1), ...live.above(1)];
}

class Counts {
  private readonly counts = new Map<string, number>();

  constructor(private readonly words: string) {}

  count(key: string | undefined): void {
    if (key !== undefined) this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  above(most: number): string[] {
    return [...this.counts].filter(([, count]) => count > most).map(([key, count]) => `${count} ${this.words} ${key}`);
  }
}
