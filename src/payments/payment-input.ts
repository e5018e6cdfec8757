import { z } from 'zod';
import { ListQuery } from '../api/list.js';
import { amountFault } from './amount-bounds.js';

export const amount = z
  .int()
  .min(1)
  .meta({ description: "Integer in the currency's minor unit: 1000 is 10.00 EUR, or 1000 JPY." });

const currency = z
  .string()
  .toLowerCase()
  .regex(/^[a-z]{3}$/, 'Expected an ISO 4217 code such as eur.');
const customer = z.string().min(1).meta({ description: "Stripe's id or your own external_id." });
const payment_method = z.string().min(1).meta({ description: "Stripe's id: pm_…" });
const order_id = z.string().min(1).max(200).meta({ description: 'Your own order; events of the payment carry it.' });
const customer_ip = z.union([z.ipv4(), z.ipv6()]).meta({
  description: 'Where the customer sits. Attempts are counted by it; without it, by the address of your server.',
});
// https://docs.stripe.com/metadata#data
const metadataKey = z.string().min(1).max(40);
const metadataValue = z.string().max(500);

function refuseOwnKeys({ value, issues }: z.core.ParsePayload<Record<string, string | null>>): void {
  for (const key of Object.keys(value)) {
    if (key !== 'order_id' && !key.startsWith('good_standing_')) continue;
    const message =
      key === 'order_id' ? 'Give order_id as a field of its own.' : 'Keys that begin with good_standing_ are our own.';
    issues.push({ code: 'custom', input: value[key], path: [key], message });
  }
}

export const CreatePayment = z
  .strictObject({
    customer: customer.optional(),
    amount,
    currency,
    payment_method: payment_method.optional(),
    confirm: z.boolean().default(false).meta({ description: 'Charge it at once; needs a payment_method.' }),
    capture: z
      .enum(['automatic', 'manual'])
      .default('automatic')
      .meta({ description: 'manual: authorize now, take the money by /capture.' }),
    order_id: order_id.optional(),
    customer_ip: customer_ip.optional(),
    metadata: z.record(metadataKey, metadataValue).check(refuseOwnKeys).optional(),
  })
  .check((context) => {
    const { value } = context;
    const fault = amountFault(value.amount, value.currency);
    if (fault !== null) context.issues.push({ code: 'custom', input: value.amount, path: ['amount'], message: fault });
    if (value.confirm && value.payment_method === undefined) {
      context.issues.push({
        code: 'custom',
        input: undefined,
        path: ['payment_method'],
        message: 'Needed to confirm the payment.',
      });
    }
  })
  .meta({
    id: 'CreatePayment',
    example: {
      customer: 'ada',
      amount: 4900,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: true,
      order_id: 'order_1001',
    },
  });

export const UpdatePayment = z
  .strictObject({
    amount: amount.optional(),
    payment_method: payment_method.optional(),
    order_id: order_id.optional(),
    metadata: z
      .record(metadataKey, metadataValue.nullable())
      .check(refuseOwnKeys)
      .optional()
      .meta({ description: 'Keys that are not named stay; null removes one.' }),
  })
  .meta({ id: 'UpdatePayment', example: { order_id: 'order_1002' } });

export const ConfirmPayment = z
  .strictObject({
    payment_method: payment_method.optional(),
    return_url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .meta({ description: 'Where the bank sends the customer back to.' }),
    customer_ip: customer_ip.optional(),
  })
  .prefault({})
  .meta({
    id: 'ConfirmPayment',
    example: { payment_method: 'pm_card_visa', return_url: 'https://app.example.com/paid' },
  });

export const CapturePayment = z
  .strictObject({ amount: amount.optional().meta({ description: 'All that was authorized, unless given.' }) })
  .prefault({})
  .meta({ id: 'CapturePayment', example: { amount: 2500 } });

export const CancelPayment = z
  .strictObject({ reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']).optional() })
  .prefault({})
  .meta({ id: 'CancelPayment', example: { reason: 'requested_by_customer' } });

export const ListPayments = ListQuery.extend({ customer: customer.optional(), order_id: order_id.optional() });
