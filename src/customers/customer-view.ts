import { z } from 'zod';
import type { Customer } from './customer.entity.js';

export const CustomerView = z
  .object({
    id: z.string().meta({ description: "Stripe's id." }),
    object: z.literal('customer'),
    external_id: z
      .string()
      .nullable()
      .meta({ description: 'Your own id for this customer; it may stand wherever a customer is named.' }),
    email: z.string().nullable(),
    name: z.string().nullable(),
    locale: z.string().nullable(),
    currency: z.string().nullable().meta({ description: 'What they are charged in, once they have been.' }),
    default_payment_method: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    created: z.iso.datetime(),
  })
  .meta({ id: 'Customer' });
export type CustomerView = z.infer<typeof CustomerView>;

export const DeletedCustomerView = z
  .object({ id: z.string(), object: z.literal('customer'), deleted: z.literal(true) })
  .meta({ id: 'DeletedCustomer' });
export type DeletedCustomerView = z.infer<typeof DeletedCustomerView>;

export function customerView(row: Customer, external_id: string | null): CustomerView {
  const { id, email, name, locale, currency, default_payment_method, created } = row;
  // `external_id` has a field of its own, so that metadata as it is read here can be sent back.
  const { external_id: _, ...metadata } = row.metadata;
  return {
    id,
    object: 'customer',
    external_id,
    email,
    name,
    locale,
    currency,
    default_payment_method,
    metadata,
    created: created.toISOString(),
  };
}
