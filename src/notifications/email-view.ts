import { z } from 'zod';
import type { Email } from './email.entity.js';

export const EmailView = z
  .object({
    id: z.string(),
    object: z.literal('email'),
    effect: z.string().meta({ description: 'What it is for, e.g. `receipt`; also its template.' }),
    customer: z.string().nullable(),
    subscription: z.string().nullable(),
    invoice: z.string().nullable(),
    payment: z.string().nullable(),
    to: z.string().nullable(),
    locale: z.string(),
    subject: z.string().nullable(),
    text: z.string().nullable(),
    html: z.string().nullable(),
    message_id: z.string(),
    status: z.enum(['queued', 'sent', 'failed', 'skipped']),
    attempts: z.int(),
    error: z
      .string()
      .nullable()
      .meta({ description: 'Why it was skipped or failed, or what the last attempt ran into.' }),
    created_at: z.iso.datetime(),
    sent_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Email' });
export type EmailView = z.infer<typeof EmailView>;

export function emailView({ business_key: _, via: __, ...email }: Email): EmailView {
  return {
    object: 'email',
    ...email,
    created_at: email.created_at.toISOString(),
    sent_at: email.sent_at?.toISOString() ?? null,
  };
}
