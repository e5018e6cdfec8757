import { v5, v7 } from 'uuid';

/** The prefixes of our own objects. Stripe's objects keep Stripe's ids. */
export type IdPrefix =
  | 'acc'
  | 'alt'
  | 'dev'
  | 'eml'
  | 'whe'
  | 'whd'
  | 'rec'
  | 'op'
  | 'key'
  | 'job'
  | 'due'
  | 'drf'
  | 'rpl'
  | 'whr';

/** `<prefix>_<UUIDv7>`: sorts by the time of creation. */
export function newId<P extends IdPrefix>(prefix: P): `${P}_${string}` {
  return `${prefix}_${v7().replaceAll('-', '')}`;
}

/** The least id that can have been made at a moment of real time: ids sort by it, so a range of time is a range of ids. */
export function firstIdAt<P extends IdPrefix>(prefix: P, moment: Date): `${P}_${string}` {
  return `${prefix}_${moment.getTime().toString(16).padStart(12, '0')}`;
}

/** The UUID of one of our ids. */
export function uuidOf(id: string): string {
  return id.slice(id.indexOf('_') + 1).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const NAMESPACE = '5f0c8a0e-2f43-4b0c-9a54-2f6d1f6f6a11';

/** The same text gives the same UUID: what is asked for twice is made once. */
export function uuidFrom(text: string): string {
  return v5(text, NAMESPACE);
}
