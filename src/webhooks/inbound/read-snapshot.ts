import { z } from 'zod';
import type { EventSnapshot } from '../../mirror/mirror.js';
import type { PendingEvent } from './inbox-queue.js';

const Payload = z.object({
  data: z.object({
    object: z.looseObject({ id: z.string(), object: z.string() }),
    previous_attributes: z.looseObject({}).nullable().optional(),
  }),
});

/** @returns null for events about objects without an id (`balance.available`). */
export function readSnapshot(event: PendingEvent): EventSnapshot | null {
  const payload = Payload.safeParse(JSON.parse(event.payload));
  if (!payload.success) return null;
  const { object, previous_attributes } = payload.data.data;
  return {
    event: event.id,
    type: event.type,
    api_version: event.api_version,
    created: event.created,
    object,
    previous_attributes: previous_attributes ?? null,
  };
}
