import { z } from 'zod';
import { listOf } from '../api/list.js';
import type { DeadLetter } from './dead-letters.js';

export const DeadLetterView = z
  .object({
    object: z.literal('dead_letter'),
    id: z.string(),
    queue: z.string().meta({
      description: 'A job (`email.send`), or a listener of events (`on.outbound_webhooks`); the logs call it the same.',
    }),
    data: z.record(z.string(), z.unknown()).meta({ description: 'What it was given; for a listener the event.' }),
    error: z.string().nullable().meta({ description: 'Why the last attempt failed.' }),
    attempts: z.int(),
    enqueued_at: z.iso.datetime(),
    created_at: z.iso.datetime().meta({ description: 'When it was given up.' }),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetterView = z.infer<typeof DeadLetterView>;

export const DeadLetterList = listOf(DeadLetterView).meta({ id: 'DeadLetterList' });

export const DeadLetterDeleted = z
  .object({ object: z.literal('dead_letter'), id: z.string(), deleted: z.literal(true) })
  .meta({ id: 'DeadLetterDeleted' });

export const RetryDeadLetters = z
  .strictObject({ queue: z.string().min(1).max(255) })
  .meta({ id: 'RetryDeadLetters', example: { queue: 'email.send' } });

export const DeadLettersRetried = z
  .object({ object: z.literal('dead_letters_retried'), queue: z.string(), retried: z.int() })
  .meta({ id: 'DeadLettersRetried' });

export function deadLetterView({ enqueued_at, created_at, ...letter }: DeadLetter): DeadLetterView {
  return {
    object: 'dead_letter',
    ...letter,
    enqueued_at: enqueued_at.toISOString(),
    created_at: created_at.toISOString(),
  };
}
