import { isDeepStrictEqual } from 'node:util';

/** A mirrored row, as far as the decision needs it. */
export interface KnownSnapshot {
  data: unknown;
  as_of: Date;
  as_of_max: Date;
  deleted: boolean;
  phase: number;
}

/** An event that carries a snapshot of the row's object. */
export interface SnapshotEvent {
  api_version: string | null;
  created: Date;
  object: unknown;
  /** Stripe's `data.previous_attributes`; null for events that are not updates. */
  previous_attributes: object | null;
  /** The event says that the object was deleted. */
  deletes: boolean;
  /**
   * Lifecycle phase of the snapshot. A phase is never left backwards (an invoice that was paid is never open again), so
   * it tells older from newer where the clock cannot.
   */
  phase: number;
  /** With this event the phase began: it created the object, or what it calls previous was of an earlier phase. */
  begins_phase: boolean;
  /** The payload holds a list cut short (`has_more`). */
  truncated: boolean;
}

export type Verdict = 'apply' | 'ignore' | 'refetch';

/** Stripe's moments have whole seconds, and its servers' clocks may differ by as much. */
const DOUBT_MS = 1000;

/**
 * Whether the snapshot that an event carries is newer than what the mirror holds. Events come late, doubled and in any
 * order (https://docs.stripe.com/webhooks#event-ordering), so this never looks at the order of arrival:
 * `apply` and `ignore` only beyond doubt, `refetch` for everything in between.
 *
 * That undoing an event's change gives exactly the row does not make it the next change within one second: of A → B → A,
 * the first looks like the next one once the second has come. The property test found the cases.
 */
export function decideSnapshot(row: KnownSnapshot | null, event: SnapshotEvent, pinnedVersion: string): Verdict {
  if (row?.deleted) return 'ignore';
  if (event.api_version !== pinnedVersion) return 'refetch';
  if (event.deletes) return 'apply';
  if (row && event.phase < row.phase) return 'ignore';
  if (row && event.created.getTime() < row.as_of.getTime() - DOUBT_MS) return 'ignore';
  if (event.truncated) return 'refetch';
  if (row === null || event.phase > row.phase) return 'apply';
  if (event.created.getTime() > row.as_of_max.getTime() + DOUBT_MS) return continues(row, event) ? 'apply' : 'refetch';
  // Nothing of its phase is older, and the row is of it.
  if (event.begins_phase) return 'ignore';
  return isDeepStrictEqual(event.object, row.data) ? 'ignore' : 'refetch';
}

/** Nothing is missing between row and event: what the event calls previous is what the row holds, or nothing is new. */
function continues(row: KnownSnapshot, event: SnapshotEvent): boolean {
  return (
    event.previous_attributes === null ||
    contains(row.data, event.previous_attributes) ||
    isDeepStrictEqual(event.object, row.data)
  );
}

/** The object before an update: its snapshot, with what the event calls previous in it. */
export function undo(object: unknown, previous: unknown): unknown {
  if (!isHash(object) || !isHash(previous)) return previous;
  return {
    ...object,
    ...Object.fromEntries(Object.entries(previous).map(([key, was]) => [key, undo(object[key], was)])),
  };
}

/** True when `whole` has every value of `part`; hashes are compared by the keys of `part`, arrays as a whole. */
function contains(whole: unknown, part: unknown): boolean {
  if (!isHash(part) || !isHash(whole)) return isDeepStrictEqual(whole ?? null, part ?? null);
  return Object.entries(part).every(([key, value]) => contains(whole[key], value));
}

function isHash(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
