import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { pendingKey } from '../indexes.js';
import { idOf, type BalanceSheet, type Pot } from '../objects.js';
import type { Store } from '../store.js';

const DAY = 86_400;
const EMPTY: Record<Pot, number> = { bank_account: 0, card: 0, fpx: 0 };

type Booking = Pick<
  Stripe.BalanceTransaction,
  'amount' | 'currency' | 'description' | 'fee' | 'reporting_category' | 'source' | 'type'
> & { pot: Pot; fee_description?: string; available?: boolean };

/** Every movement of money is one of these; the net is what reaches the balance: https://docs.stripe.com/reports/balance-transaction-types */
export function bookTransaction(
  context: Context,
  { pot, fee_description, available = false, ...booking }: Booking,
): Stripe.BalanceTransaction {
  const transaction = context.store.put('balance_transaction', {
    id: context.ids.next('txn', 24),
    object: 'balance_transaction',
    // Two days on, as of an account in the United States: https://docs.stripe.com/payouts#payout-speed
    available_on: available ? context.wire : Math.floor(context.wire / DAY) * DAY + 2 * DAY,
    balance_type: 'payments',
    created: context.wire,
    exchange_rate: null,
    fee_details: feeDetails(booking.fee, booking.currency, fee_description ?? 'Stripe processing fees'),
    net: booking.amount - booking.fee,
    status: available ? 'available' : 'pending',
    ...booking,
  });
  const sheet = sheetOf(context, booking.currency);
  const { available_on, net } = transaction;
  context.store.put('balance_sheet', {
    ...sheet,
    ...(available
      ? { available: added(sheet.available, pot, net) }
      : {
          pending: added(sheet.pending, pot, net),
          days: [...new Set([...sheet.days, available_on])].toSorted((x, y) => x - y),
        }),
  });
  return transaction;
}

/** When money that is pending becomes available next, in seconds. */
export function nextRelease(store: Store): number | undefined {
  const days = store.rows('balance_sheet').flatMap(({ value }) => value.days.slice(0, 1));
  return days.length === 0 ? undefined : Math.min(...days);
}

/**
 * What was pending becomes available: https://docs.stripe.com/payments/balances. The clock does not stop for this when it
 * is turned, for nothing but the balance depends on it; it is caught up with at the next stop, in its own time.
 */
export function release(context: Context, day: number): void {
  for (const { value: sheet } of context.store.rows('balance_sheet')) {
    if (!sheet.days.includes(day)) continue;
    let { available, pending } = sheet;
    for (const transaction of context.store.by('balance_transaction', 'pending', pendingKey(sheet.id, day))) {
      context.store.put('balance_transaction', { ...transaction, status: 'available' });
      const pot = potOf(context, transaction);
      available = added(available, pot, transaction.net);
      pending = added(pending, pot, -transaction.net);
    }
    const days = sheet.days.filter((one) => one !== day);
    context.store.put('balance_sheet', { ...sheet, available, pending, days });
  }
  context.emit('balance.available', balance(context));
}

export function balance(context: Context): Stripe.Balance {
  const sheets = context.store.rows('balance_sheet').map((row) => row.value);
  // An account always shows its own currency.
  const listed = sheets.length === 0 ? [blankSheet('usd')] : sheets;
  return {
    object: 'balance',
    available: listed.map((sheet) => shown(sheet, 'available')),
    livemode: false,
    pending: listed.map((sheet) => shown(sheet, 'pending')),
  };
}

function shown(sheet: BalanceSheet, side: 'available' | 'pending') {
  return {
    amount: Object.values(sheet[side]).reduce((sum, amount) => sum + amount, 0),
    currency: sheet.id,
    source_types: sheet[side],
  };
}

/** In which part of the balance a payment's money is kept: https://docs.stripe.com/api/balance/balance_object#balance_object-available-source_types */
export function potFor(type: string): Pot {
  if (type === 'fpx') return 'fpx';
  return ['sepa_debit', 'bacs_debit', 'au_becs_debit', 'us_bank_account', 'acss_debit'].includes(type)
    ? 'bank_account'
    : 'card';
}

function potOf(context: Context, transaction: Stripe.BalanceTransaction): Pot {
  const charge = context.store.get('charge', idOf(transaction.source) ?? '');
  return potFor(charge?.payment_method_details?.type ?? 'card');
}

function sheetOf(context: Context, currency: string): BalanceSheet {
  return context.store.get('balance_sheet', currency) ?? blankSheet(currency);
}

function blankSheet(currency: string): BalanceSheet {
  return { id: currency, available: EMPTY, pending: EMPTY, days: [] };
}

function added(amounts: Record<Pot, number>, pot: Pot, net: number): Record<Pot, number> {
  return { ...amounts, [pot]: amounts[pot] + net };
}

function feeDetails(amount: number, currency: string, description: string): Stripe.BalanceTransaction.FeeDetail[] {
  return amount === 0 ? [] : [{ amount, application: null, currency, description, type: 'stripe_fee' }];
}
