import { z } from 'zod';
import type { EventSnapshot } from '../../mirror/mirror.js';
import type { MirrorRegistry } from '../../mirror/mirror-registry.js';
import type { StoredEvent } from './inbox-queue.js';

const Payload = z.object({
  data: z.object({
    object: z.looseObject({ id: z.string(), object: z.string() }),
    previous_attributes: z.looseObject({}).nullable().optional(),
  }),
});

/** @returns null for what is not mirrored: other people's events, other types of objects, previews. */
export function mirroredSnapshot(registry: MirrorRegistry, event: StoredEvent): EventSnapshot | null {
  if (event.account !== null) return null;
  const snapshot = readSnapshot(event);
  const definition = snapshot && registry.find(snapshot.object.object);
  return definition && !definition.preview?.(snapshot.object) ? snapshot : null;
}

/** @returns null for events about objects without an id (`balance.available`). */
function readSnapshot(event: StoredEvent): EventSnapshot | null {
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
