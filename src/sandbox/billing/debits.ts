import type Stripe from 'stripe';
import type { Period } from '../calc/periods.js';
import { restOf } from '../calc/proration.js';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';

/** Something that was asked for an item and not given back: net of discounts, in minor units. */
export interface Debit {
  amount: number;
  period: Period;
  price: Stripe.Price;
  quantity: number;
  tax_rates: Stripe.TaxRate[];
}
type Entry = { seq: number; debit: Debit | { creditedFrom: number } };

/**
 * What was debited for an item for a period that is not over. A credit gives back all that is open from its moment on,
 * so only what was before it, or came after, is: https://docs.stripe.com/billing/subscriptions/prorations#credit-prorations
 */
export function openDebits(
  context: Context,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  at: number,
): Debit[] {
  const entries = [...periodsOf(context, subscription, item), ...prorationsOf(context, subscription, item)];
  let open: Debit[] = [];
  for (const { debit } of entries.toSorted((one, other) => one.seq - other.seq))
    open = 'creditedFrom' in debit ? open.map((one) => until(one, debit.creditedFrom)) : [...open, debit];
  return open.filter(({ amount, period }) => amount > 0 && period.end > at && period.start <= at);
}

function until(debit: Debit, end: number): Debit {
  const { amount, period } = debit;
  const part = { start: period.start, end: Math.min(end, period.end) };
  return { ...debit, amount: amount - restOf(amount, period, end), period: part };
}

/** Whole periods, as they were invoiced. What is void was never asked for. */
function periodsOf(context: Context, { id }: Stripe.Subscription, item: Stripe.SubscriptionItem): Entry[] {
  return context.store.rowsBy('invoice', 'subscription', id).flatMap(({ seq, value }) => {
    if (value.status === 'void') return [];
    return value.lines.data
      .filter(({ parent }) => {
        const details = parent?.subscription_item_details;
        return details?.subscription_item === item.id && details.invoice_item === null;
      })
      .map((line) => ({ seq, debit: debitOf(context, line, item) }));
  });
}

function prorationsOf(context: Context, { customer }: Stripe.Subscription, item: Stripe.SubscriptionItem): Entry[] {
  return context.store
    .rowsBy('invoiceitem', 'customer', idOf(customer))
    .filter(({ value }) => value.proration && value.parent?.subscription_details?.subscription_item === item.id)
    .map(({ seq, value }) => ({
      seq,
      debit:
        value.amount < 0
          ? { creditedFrom: value.period.start }
          : {
              amount: value.amount,
              period: value.period,
              price: item.price,
              quantity: value.quantity,
              tax_rates: value.tax_rates ?? [],
            },
    }));
}

function debitOf(context: Context, line: Stripe.InvoiceLineItem, item: Stripe.SubscriptionItem): Debit {
  const off = (line.discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
  const price = context.store.get('price', idOf(line.pricing?.price_details?.price) ?? '');
  return {
    amount: line.amount - off,
    period: line.period,
    price: price ?? item.price,
    quantity: line.quantity ?? 1,
    tax_rates: (line.taxes ?? []).flatMap(({ tax_rate_details }) => {
      const rate = context.store.get('tax_rate', tax_rate_details?.tax_rate ?? '');
      return rate === undefined ? [] : [rate];
    }),
  };
}
