import { followCanceled } from './billing/invoices.js';
import { followSession, followSubscription } from './checkout/finish.js';
import type { Context } from './context.js';
import { refreshEntitlements } from './entitlements/refresh.js';
import { idOf } from './objects.js';
import type { ChangedObject } from './store.js';

/** What follows from a change wherever it came from: looked at once, when a request or a moment has done its work. */
export function followUp(context: Context): void {
  const { store } = context;
  const accounts = Map.groupBy(store.changes(), ({ account }) => account);
  for (const [account, changes] of accounts) store.inAccount(account, () => followChanges(context, changes));
}

function followChanges(context: Context, changes: readonly ChangedObject[]): void {
  const { store } = context;
  const customers = new Set<string>();
  for (const { type, id } of changes) {
    if (type === 'payment_intent') followCanceled(context, id);
    if (type === 'payment_intent' || type === 'setup_intent')
      for (const session of store.by('checkout_session', type, id)) followSession(context, session);
    if (type === 'subscription') customers.add(followSubscriptionChange(context, id));
  }
  for (const customer of customers) if (customer !== '') refreshEntitlements(context, customer);
}

/** Answers whose entitlements may have changed by it. */
function followSubscriptionChange(context: Context, id: string): string {
  const subscription = context.store.get('subscription', id);
  if (subscription === undefined) return '';
  for (const fact of context.store.by('checkout_fact', 'pending_subscription', id)) {
    const session = context.store.get('checkout_session', fact.id);
    if (session !== undefined) followSubscription(context, session, subscription);
  }
  return idOf(subscription.customer);
}
