import { buildCreditNote, issueCreditNote, voidCreditNote, type CreditNoteWish } from '../billing/credit-notes.js';
import type { CreditWish } from '../billing/credit-note-lines.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pageOf, paging, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { taxRatesOf } from './tax-rates.js';

const line = p.hash({
  amount: p.atLeast(1),
  description: p.text,
  invoice_line_item: p.text,
  quantity: p.atLeast(1),
  tax_rates: p.listOf(p.text),
  type: p.needed(p.oneOf('custom_line_item', 'invoice_line_item')),
  unit_amount: p.atLeast(0),
});
const shape = {
  amount: p.atLeast(1),
  credit_amount: p.atLeast(0),
  invoice: p.needed(p.text),
  lines: p.listOf(line),
  memo: p.text,
  metadata: p.metadata,
  out_of_band_amount: p.atLeast(0),
  reason: p.oneOf('duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory'),
  refund_amount: p.atLeast(0),
};
type Params = p.Values<typeof shape>;

/** https://docs.stripe.com/api/credit_notes */
export const creditNotes = [
  route('POST', '/v1/credit_notes', shape, (context, params) =>
    issueCreditNote(context, find(context, 'invoice', params.invoice, 'invoice'), wishOf(context, params)),
  ),
  route('GET', '/v1/credit_notes/preview', shape, (context, params) => {
    context.discarded = true;
    return buildCreditNote(context, find(context, 'invoice', params.invoice, 'invoice'), wishOf(context, params));
  }),
  route('GET', '/v1/credit_notes/preview/lines', { ...shape, ...paging }, (context, params) => {
    context.discarded = true;
    const invoice = find(context, 'invoice', params.invoice, 'invoice');
    const { data } = buildCreditNote(context, invoice, wishOf(context, params)).lines;
    return pageOf(data, params, '/v1/credit_notes/preview/lines');
  }),
  route(
    'GET',
    '/v1/credit_notes',
    { ...pagingByTime, customer: p.text, invoice: p.text },
    (context, { created, customer, invoice, ...rest }) =>
      list(context, 'credit_note', rest, {
        url: '/v1/credit_notes',
        ...(customer !== undefined && { by: ['customer', customer] }),
        ...(invoice !== undefined && { by: ['invoice', invoice] }),
        where: (note) =>
          p.inRange(note.created, created) && (customer === undefined || idOf(note.customer) === customer),
      }),
  ),
  route('GET', '/v1/credit_notes/:id', {}, (context, _params, id) => find(context, 'credit_note', id)),
  route('GET', '/v1/credit_notes/:id/lines', paging, (context, params, id) =>
    pageOf(find(context, 'credit_note', id).lines.data, params, `/v1/credit_notes/${id}/lines`),
  ),
  route('POST', '/v1/credit_notes/:id', { memo: p.note, metadata: p.metadata }, (context, { memo, metadata }, id) => {
    const before = find(context, 'credit_note', id);
    const note = context.store.put('credit_note', {
      ...before,
      ...(memo !== undefined && { memo }),
      metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
    });
    context.emit('credit_note.updated', note, before);
    return note;
  }),
  route('POST', '/v1/credit_notes/:id/void', {}, (context, _params, id) =>
    voidCreditNote(context, find(context, 'credit_note', id)),
  ),
];

function wishOf(context: Context, params: Params): CreditNoteWish {
  const { amount, credit_amount, lines, memo, metadata, out_of_band_amount, reason, refund_amount } = params;
  if ((amount === undefined) === (lines === undefined || lines.length === 0))
    throw invalid('You must specify exactly one of: amount, lines.', { code: 'parameter_missing', param: 'lines' });
  return {
    credit_amount,
    out_of_band_amount,
    refund_amount,
    memo: memo ?? null,
    metadata: p.mergeMetadata({}, metadata),
    reason: reason ?? null,
    lines:
      amount === undefined
        ? (lines ?? []).map((one, index) => lineOf(context, one, `lines[${index}]`))
        : [{ type: 'custom_line_item', description: 'Credit', quantity: 1, unit_amount: amount, rates: [] }],
  };
}

function lineOf(context: Context, given: ReturnType<typeof line.read>, param: string): CreditWish {
  const { amount, description, invoice_line_item, quantity, tax_rates, type, unit_amount } = given;
  if (type === 'invoice_line_item') {
    if (invoice_line_item === undefined) throw needed(`${param}[invoice_line_item]`);
    return {
      type,
      invoice_line_item,
      ...(quantity !== undefined && { quantity }),
      ...(amount !== undefined && { amount }),
    };
  }
  if (unit_amount === undefined) throw needed(`${param}[unit_amount]`);
  if (description === undefined) throw needed(`${param}[description]`);
  const rates = taxRatesOf(context, tax_rates ?? [], `${param}[tax_rates]`);
  return { type, description, quantity: quantity ?? 1, unit_amount, rates };
}

function needed(param: string) {
  return invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}
