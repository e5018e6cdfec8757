import type Stripe from 'stripe';
import { redeem } from '../billing/discounts.js';
import { itemOf, lineOf, withLines } from '../billing/draft-lines.js';
import { namedRates, pendingLine } from '../billing/lines.js';
import type { Context } from '../context.js';
import { invalid, missing } from '../errors.js';
import { find } from '../find.js';
import { pageOf, paging } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { changeItem, draftOf, itemValues, makeItem } from './invoice-item-values.js';
import { taxRatesOf } from './tax-rates.js';

type Line = Stripe.InvoiceLineItem;
type Values = p.Values<typeof itemValues>;
const invoice_metadata = p.metadata;
const PATH = '/v1/invoices/:id';

/** Only of a draft: https://docs.stripe.com/invoicing/bulk-update-line-item */
export const invoiceLines = [
  route('GET', `${PATH}/lines`, paging, (context, page, id) =>
    pageOf(find(context, 'invoice', id).lines.data, page, `/v1/invoices/${id}/lines`),
  ),
  route('POST', `${PATH}/lines/:line`, itemValues, (context, values, id, line) => {
    const draft = draftOf(context, id);
    const data = changeLine(context, draft, draft.lines.data, { id: line, values });
    return lineIn(withLines(context, draft, data).lines.data, line);
  }),
  route(
    'POST',
    `${PATH}/add_lines`,
    { invoice_metadata, lines: p.needed(p.listOf(p.hash({ ...itemValues, invoice_item: p.text }))) },
    (context, { invoice_metadata: metadata, lines }, id) => {
      const draft = draftOf(context, id);
      const items = lines.map((line, index) => itemFor(context, draft, line, `lines[${index}]`));
      const data = [...draft.lines.data, ...items.map((item) => pendingLine(context, item, id))];
      return withLines(context, draft, data, p.mergeMetadata(draft.metadata ?? {}, metadata));
    },
  ),
  route(
    'POST',
    `${PATH}/update_lines`,
    { invoice_metadata, lines: p.needed(p.listOf(p.hash({ ...itemValues, id: p.needed(p.text) }))) },
    (context, { invoice_metadata: metadata, lines }, id) => {
      const draft = draftOf(context, id);
      let data = draft.lines.data;
      for (const [index, { id: line, ...values }] of lines.entries())
        data = changeLine(context, draft, data, { id: line, values, param: `lines[${index}]` });
      return withLines(context, draft, data, p.mergeMetadata(draft.metadata ?? {}, metadata));
    },
  ),
  route(
    'POST',
    `${PATH}/remove_lines`,
    {
      invoice_metadata,
      lines: p.needed(p.listOf(p.hash({ id: p.needed(p.text), behavior: p.needed(p.oneOf('delete', 'unassign')) }))),
    },
    (context, { invoice_metadata: metadata, lines }, id) => {
      const draft = draftOf(context, id);
      for (const [index, line] of lines.entries()) leave(context, draft, line, `lines[${index}]`);
      const gone = new Set(lines.map((line) => line.id));
      const data = draft.lines.data.filter((line) => !gone.has(line.id));
      return withLines(context, draft, data, p.mergeMetadata(draft.metadata ?? {}, metadata));
    },
  ),
];

/** A new item, or one that waits. */
function itemFor(
  context: Context,
  draft: Stripe.Invoice,
  { invoice_item, ...values }: Values & { invoice_item?: string },
  param: string,
): Stripe.InvoiceItem {
  const customer = idOf(draft.customer) ?? '';
  if (invoice_item === undefined)
    return makeItem(context, { customer, currency: draft.currency, invoice: draft.id }, values, param);
  const waiting = find(context, 'invoiceitem', invoice_item, `${param}[invoice_item]`);
  if (waiting.invoice !== null || idOf(waiting.customer) !== customer || waiting.currency !== draft.currency)
    throw invalid(`The invoice item ${invoice_item} cannot be on this invoice.`, { param: `${param}[invoice_item]` });
  return changeItem(context, { ...waiting, invoice: draft.id }, values, param);
}

/** What a line shares with its item changes there too: https://docs.stripe.com/api/invoice-line-item/update */
function changeLine(
  context: Context,
  draft: Stripe.Invoice,
  lines: Line[],
  { id, values, param = '' }: { id: string; values: Values; param?: string },
): Line[] {
  const line = lineIn(lines, id, param === '' ? undefined : `${param}[id]`);
  const item = itemOf(line);
  const changed =
    item === null
      ? changeOwn(context, draft, line, values, param)
      : lineOf(context, line, changeItem(context, find(context, 'invoiceitem', item), values, param));
  return lines.map((one) => (one.id === id ? changed : one));
}

/** A line of a subscription's own period; Stripe's documentation does not say whether its price could be changed. */
function changeOwn(
  context: Context,
  draft: Stripe.Invoice,
  line: Line,
  { amount, period, price_data, pricing, quantity, ...values }: Values,
  param: string,
): Line {
  const label = (name: string) => (param === '' ? name : `${param}[${name}]`);
  for (const [name, value] of Object.entries({ amount, period, price_data, pricing, quantity }))
    if (value !== undefined)
      throw invalid(`The ${name} of a line of a subscription cannot be changed.`, { param: label(name) });
  const { description, discountable, discounts, metadata, tax_rates } = values;
  const owner = { customer: idOf(draft.customer) ?? '', currency: line.currency, amount: line.amount };
  const kept = line.discounts.map((one) => idOf(one));
  return {
    ...line,
    ...(description !== undefined && { description }),
    ...(discountable !== undefined && { discountable }),
    ...(discounts !== undefined && { discounts: redeem(context, discounts, kept, owner, label('discounts')) }),
    ...(tax_rates !== undefined && { taxes: namedRates(taxRatesOf(context, tax_rates, label('tax_rates'))) }),
    metadata: p.mergeMetadata(line.metadata, metadata),
  };
}

function leave(
  context: Context,
  draft: Stripe.Invoice,
  { id, behavior }: { id: string; behavior: 'delete' | 'unassign' },
  param: string,
): void {
  const known = itemOf(lineIn(draft.lines.data, id, `${param}[id]`));
  const item = known === null ? undefined : find(context, 'invoiceitem', known);
  if (behavior === 'delete') {
    if (item === undefined) return;
    context.store.remove('invoiceitem', item.id);
    context.emit('invoiceitem.deleted', item);
  } else if (item === undefined)
    throw invalid('A line of a subscription cannot be unassigned.', { param: `${param}[behavior]` });
  else context.store.put('invoiceitem', { ...item, invoice: null });
}

function lineIn(lines: readonly Line[], id: string, param?: string): Line {
  const found = lines.find((line) => line.id === id);
  if (found === undefined) throw missing('invoice line item', id, param);
  return found;
}
