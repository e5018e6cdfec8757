import { z } from 'zod';
import type { Span } from './mirrored-rows.js';

/** Where a sweep stands, within the list of one type of object. */
export const SweepCursor = z.object({
  object: z.string(),
  /** How many rows of this type may lose their access in this run. */
  allowance: z.int(),
  /** The last object of the page before; null: the first page is due. */
  after: z.string().nullable(),
  /** When that object was created. */
  until: z.string().nullable(),
  /** The objects listed so far that were created at that very moment. */
  ties: z.array(z.string()),
  /** On this page the rows that Stripe's list leaves out have been looked after up to this id; null: nothing was done yet. */
  unlisted: z.string().nullable(),
});
export type SweepCursor = z.infer<typeof SweepCursor>;

/** An object of a page: its id and the moment of its creation, ISO 8601. */
export interface Listed {
  id: string;
  created: string;
}

export function firstPage(object: string, allowance: number): SweepCursor {
  return { object, allowance, after: null, until: null, ties: [], unlisted: null };
}

/** The moments that a page covers: Stripe lists the newest first, and a moment may go on on the next page. */
export function spanOf(cursor: SweepCursor, page: Listed[], hasMore: boolean): Span {
  return { from: hasMore ? (page.at(-1)?.created ?? null) : null, until: cursor.until };
}

/** What is known to be listed among the moments of this page's span. */
export function listedBy(cursor: SweepCursor, page: Listed[]): string[] {
  return [...cursor.ties, ...page.map(({ id }) => id)];
}

export function nextPage(cursor: SweepCursor, page: Listed[]): SweepCursor {
  const last = page.at(-1);
  if (!last) return cursor;
  const ties = page.filter(({ created }) => created === last.created).map(({ id }) => id);
  return {
    ...cursor,
    after: last.id,
    until: last.created,
    ties: cursor.until === last.created ? [...cursor.ties, ...ties] : ties,
    unlisted: null,
  };
}
