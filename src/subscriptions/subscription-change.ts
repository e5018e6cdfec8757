import type { Price } from '../catalog/price.entity.js';
import type { OperationParams } from '../stripe/operations.js';

const DAYS: Record<string, number> = { day: 1, week: 7, month: 365 / 12, year: 365 };

export interface Side {
  price: Pick<Price, 'id' | 'unit_amount' | 'recurring_interval' | 'recurring_interval_count'>;
  quantity: number;
}

/** In these states a change can be charged, or waits for the next invoice. */
export function isChangeable(status: string): boolean {
  return status === 'trialing' || status === 'active' || status === 'past_due';
}

/**
 * The command for a change. It takes effect at once. What costs more per day, or begins a new period because the interval
 * differs, is invoiced at once, and a refused payment leaves everything as it was. What costs less is credited on the next
 * invoice. During a trial nothing is charged. https://docs.stripe.com/billing/subscriptions/prorations
 */
export function changeOf(
  subscription: { id: string; status: string },
  item: string,
  from: Side,
  to: Side,
): OperationParams<'subscription.update'> {
  const items = [{ id: item, price: to.price.id, quantity: to.quantity }];
  const isPaidNow =
    subscription.status !== 'trialing' && (perDay(to) > perDay(from) || rhythmOf(to) !== rhythmOf(from));
  return {
    id: subscription.id,
    items,
    ...(isPaidNow
      ? { proration_behavior: 'always_invoice' as const, payment_behavior: 'error_if_incomplete' as const }
      : { proration_behavior: 'create_prorations' as const }),
  };
}

function perDay({ price, quantity }: Side): number {
  const days = (DAYS[price.recurring_interval ?? 'month'] ?? 1) * (price.recurring_interval_count ?? 1);
  return ((price.unit_amount ?? 0) * quantity) / days;
}

function rhythmOf({ price }: Side): string {
  return `${price.recurring_interval_count} ${price.recurring_interval}`;
}
