import type Stripe from 'stripe';
import { shownAmount } from '../calc/currencies.js';
import { day } from './parts.js';

const WIDTH = 78;
const NOTICE = 'Made by a sandbox: no money moved.';

/** An invoice as lines of plain text. */
export function invoiceText(invoice: Stripe.Invoice): string[] {
  const { currency, lines, customer_name, customer_email, due_date, status_transitions } = invoice;
  const date = status_transitions.finalized_at ?? invoice.created;
  return [
    `Invoice ${invoice.number ?? invoice.id}`,
    '',
    `From    ${invoice.account_name ?? 'Good Standing sandbox'}`,
    `To      ${[customer_name, customer_email].filter((part) => part !== null).join(', ')}`,
    `Date    ${day(date)}`,
    ...(due_date === null ? [] : [`Due     ${day(due_date)}`]),
    `Status  ${invoice.status ?? 'draft'}`,
    '',
    ...lines.data.flatMap((line) => [
      row(line.description ?? '', shownAmount(line.amount, currency)),
      `  ${day(line.period.start)} to ${day(line.period.end)}`,
    ]),
    '',
    row('Total', shownAmount(invoice.total, currency)),
    row('Paid', shownAmount(invoice.amount_paid, currency)),
    row('Amount due', shownAmount(invoice.status === 'void' ? 0 : invoice.amount_remaining, currency)),
    '',
    NOTICE,
  ];
}

/** https://docs.stripe.com/receipts */
export function receiptText(charge: Stripe.Charge): string[] {
  const card = charge.payment_method_details?.card;
  return [
    row('Amount paid', shownAmount(charge.amount_captured, charge.currency)),
    ...(charge.amount_refunded > 0 ? [row('Refunded', shownAmount(charge.amount_refunded, charge.currency))] : []),
    row('Date', day(charge.created)),
    ...(card ? [row('Card', `${card.brand ?? 'card'} ending in ${card.last4 ?? '????'}`)] : []),
    row('For', charge.description ?? charge.id),
    '',
    NOTICE,
  ];
}

function row(left: string, right: string): string {
  const room = WIDTH - right.length - 2;
  return `${left.length > room ? `${left.slice(0, room - 1)}…` : left.padEnd(room)}  ${right}`;
}
