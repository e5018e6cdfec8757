import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { same } from '../same.js';

/** Changes a customer and says so where something visible changed; `before` may differ in what Stripe does not tell of. */
export function updateCustomer(
  context: Context,
  before: Stripe.Customer,
  change: Partial<Stripe.Customer>,
): Stripe.Customer {
  const after = context.store.put('customer', { ...before, ...change });
  const differs = !same(before, after);
  if (differs) context.emit('customer.updated', after, before);
  return after;
}
