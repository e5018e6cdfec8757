import type Stripe from 'stripe';
import type { DomainEventDraft } from '../events/domain-events.js';
import type { Mirrored } from './mirrored.entity.js';

/** What the mirror needs of any object of Stripe's. */
export interface StripeObject {
  id: string;
  object: string;
}

/** The columns that a module reads out of Stripe's object: its entity without what the mirror itself keeps. */
export type Columns<E extends Mirrored> = Omit<E, Exclude<keyof Mirrored, 'id'>>;

/** A domain event that follows from a change; the mirror adds who and when. */
export type Change = DomainEventDraft extends infer D
  ? D extends DomainEventDraft
    ? Pick<D, 'type' | 'data' | 'key'>
    : never
  : never;

/** One list of Stripe's, a page at a time. */
export interface Page<S> {
  data: S[];
  has_more: boolean;
}

/**
 * How one type of Stripe's objects is mirrored: pure functions in `<object>-from-stripe.ts`, the only file that knows its
 * shape. Methods, not properties, so that definitions of different objects fit into one registry.
 */
export interface MirroredObject<S extends StripeObject = StripeObject, R extends { id: string } = { id: string }> {
  /** Stripe's name of the object. */
  readonly object: string;
  readonly table: string;
  /** The event type that says it was deleted, for objects that are. */
  readonly deletedBy?: string;
  /** Stripe's JSON → row. */
  read(object: S): R;
  /** Row before, row after → what happened. `before` is null for an object not seen until now; `after` is null when deleted. */
  changes(before: R | null, after: R | null): Change[];
  /** What an event tells whether or not its snapshot is still news (a payment attempt failed); told once, by `key`. */
  facts?(type: string, object: S): Change[];
  /** See `SnapshotEvent.phase`. Default: one phase. */
  phase?(row: R): number;
  truncated?(object: S): boolean;
  /** True for what Stripe sends as if it were an object, though none exists yet (the preview in `invoice.upcoming`). */
  preview?(object: S): boolean;
  /** Whose it is: access is derived anew for these customers. */
  customer(row: R): string | null;
  retrieve(stripe: Stripe, id: string): Promise<S | { id: string; deleted?: boolean | void }>;
  /** All of them, for sweeps and imports; newest first, as Stripe lists. */
  list?(stripe: Stripe, params: { limit: number; starting_after?: string }): Promise<Page<S>>;
}

export function defineMirrored<S extends StripeObject, R extends { id: string }>(
  definition: MirroredObject<S, R>,
): MirroredObject<S, R> {
  return definition;
}
