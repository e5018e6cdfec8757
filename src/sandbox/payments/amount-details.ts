import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, ParameterError, type StripeError } from '../errors.js';
import * as p from '../params.js';
import { intentFact } from './intent-fact.js';

type Line = Stripe.PaymentIntentAmountDetailsLineItem;
type Details = Stripe.PaymentIntent.AmountDetails;

const count = p.atLeast(0);
const commodity = p.hash({ commodity_code: p.text });
const lineItem = p.hash({
  discount_amount: p.atLeast(1),
  payment_method_options: p.hash({
    card: commodity,
    card_present: commodity,
    klarna: p.hash({
      image_url: p.text,
      product_url: p.text,
      reference: p.text,
      subscription_reference: p.text,
    }),
    paypal: p.hash({
      category: p.oneOf('digital_goods', 'donation', 'physical_goods'),
      description: p.text,
      sold_by: p.text,
    }),
  }),
  product_code: upTo(12),
  product_name: p.needed(upTo(1024)),
  quantity: p.needed(p.atLeast(1)),
  tax: p.hash({ total_tax_amount: p.needed(count) }),
  unit_cost: p.needed(count),
  unit_of_measure: upTo(12),
});
/** https://docs.stripe.com/payments/payment-line-items */
export const amountDetails = p.clearable(
  p.hash({
    discount_amount: p.clearable(p.atLeast(1)),
    enforce_arithmetic_validation: p.flag,
    line_items: p.listOf(lineItem),
    shipping: p.clearable(p.hash({ amount: p.clearable(count), from_postal_code: p.note, to_postal_code: p.note })),
    tax: p.clearable(p.hash({ total_tax_amount: p.needed(count) })),
  }),
);
type Given = NonNullable<ReturnType<typeof amountDetails.read>>;

/** What an amount is made of, as the intent shows it; its lines are kept beside it. `amount` is in minor units. */
export function detailsOf(
  context: Context,
  { id, amount_details }: Stripe.PaymentIntent,
  amount: number,
  given: Given | null,
): Details {
  const fact = intentFact(context, id);
  const { error: _over, ...before } = amount_details ?? {};
  const lines = given === null ? [] : (given.line_items?.map((line) => lineOf(context, line)) ?? fact.lines);
  context.store.put('intent_fact', { ...fact, lines });
  const details = given === null ? { tip: {} } : changed(before, given);
  refuseTwice(details, lines);
  const error = errorIn(details, lines, amount);
  if (error !== undefined && given?.enforce_arithmetic_validation !== false)
    throw invalid(error.message, { param: 'amount_details' });
  return { ...details, ...(error && { error }) };
}

function changed(before: Details, { discount_amount, shipping, tax }: Given): Details {
  const { discount_amount: oldDiscount, shipping: oldShipping, tax: oldTax, ...rest } = before;
  const discount = discount_amount === undefined ? oldDiscount : discount_amount;
  const sent = shipping === undefined ? oldShipping : shipping;
  const taxed = tax === undefined ? oldTax : tax;
  return {
    ...rest,
    ...(typeof discount === 'number' && { discount_amount: discount }),
    ...(sent && { shipping: { amount: null, from_postal_code: null, to_postal_code: null, ...sent } }),
    ...(taxed && { tax: taxed }),
  };
}

function lineOf(context: Context, { payment_method_options, ...given }: ReturnType<typeof lineItem.read>): Line {
  const { card, card_present, klarna, paypal } = payment_method_options ?? {};
  return {
    id: context.ids.next('uli'),
    object: 'payment_intent_amount_details_line_item',
    discount_amount: null,
    product_code: null,
    tax: null,
    unit_of_measure: null,
    ...given,
    payment_method_options:
      payment_method_options === undefined
        ? null
        : {
            ...(card && { card: { commodity_code: null, ...card } }),
            ...(card_present && { card_present: { commodity_code: null, ...card_present } }),
            ...(klarna && {
              klarna: { image_url: null, product_url: null, reference: null, subscription_reference: null, ...klarna },
            }),
            ...(paypal && { paypal }),
          },
  };
}

/** A discount and a tax are told of the whole, or of its lines. */
function refuseTwice({ discount_amount, tax }: Details, lines: readonly Line[]): void {
  if (discount_amount !== undefined && lines.some((line) => line.discount_amount !== null))
    throw onlyOneOf('discount_amount', 'discount_amount');
  if (tax !== undefined && lines.some((line) => line.tax !== null)) throw onlyOneOf('tax[total_tax_amount]', 'tax');
}

function onlyOneOf(ofAll: string, ofALine: string): StripeError {
  const param = `amount_details[${ofAll}]`;
  return invalid(`You may only specify one of these: ${param}, amount_details[line_items][][${ofALine}].`, { param });
}

/** https://docs.stripe.com/changelog/clover/2026-01-28/loosen-arithmetic-validation-for-payment-line-items */
function errorIn({ discount_amount = 0, shipping, tax }: Details, lines: readonly Line[], amount: number) {
  const [sent, taxed] = [shipping?.amount ?? 0, tax?.total_tax_amount ?? 0];
  const sum = lines
    .map((line) => line.unit_cost * line.quantity - (line.discount_amount ?? 0) + (line.tax?.total_tax_amount ?? 0))
    .reduce((one, other) => one + other, sent + taxed - discount_amount);
  if (lines.length > 0 && sum !== amount)
    return {
      code: 'amount_details_amount_mismatch',
      message: `The amount details add up to ${sum}, but the amount is ${amount}.`,
    };
  if (lines.length === 0 && sent + taxed + discount_amount > amount)
    return {
      code: 'amount_details_tax_shipping_discount_greater_than_amount',
      message: `Tax, shipping and discount of the amount details are more than the amount, ${amount}.`,
    };
  return undefined;
}

function upTo(most: number): p.Kind<string> {
  return {
    read(value, name) {
      const text = p.text.read(value, name);
      if (text.length <= most) return text;
      throw new ParameterError(`Invalid string: ${name} must be at most ${most} characters`, name);
    },
  };
}
