import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { endSubscription } from './subscriptions.js';

/** Its subscriptions end at once; a tombstone stays: https://docs.stripe.com/api/customers/delete */
export function deleteCustomer(context: Context, customer: Stripe.Customer): Stripe.DeletedCustomer {
  for (const subscription of context.store.by('subscription', 'customer', customer.id))
    if (!['canceled', 'incomplete_expired'].includes(subscription.status))
      endSubscription(context, subscription, 'cancellation_requested');
  context.store.remove('customer', customer.id);
  context.emit('customer.deleted', customer);
  return context.store.put('deleted_customer', { id: customer.id, object: 'customer', deleted: true });
}
