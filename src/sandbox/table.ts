import { Archive, KeptRow } from './archive.js';

/** One object with its place in the order of creation. */
export interface Row<V> {
  readonly seq: number;
  readonly value: V;
}
type Index<V> = (value: V) => string | readonly string[] | null;

/** The objects of one type in the order they were made, and by each index. */
export class Table<V extends { id: string }> {
  readonly #rows = new Map<string, KeptRow<V>>();
  #order: KeptRow<V>[] = [];
  /** Removed, and still in the order: taken out all at once when somebody looks, or when they are the most of it. */
  #gone = 0;
  readonly #buckets = new Map<string, KeptRow<V>[]>();
  readonly #indexes: [string, Index<V>][];
  readonly #archive: Archive<V> | undefined;

  /** `atHand`: of those that nothing changes any more, how many are not put away; all if not given. */
  constructor(indexes: Record<string, Index<V>>, atHand?: number) {
    this.#indexes = Object.entries(indexes);
    this.#archive = atHand === undefined ? undefined : new Archive(atHand);
  }

  get size(): number {
    return this.#rows.size;
  }

  row(id: string): KeptRow<V> | undefined {
    return this.#rows.get(id);
  }

  /** Oldest first; treat as read-only. */
  rows(): readonly Row<V>[] {
    if (this.#gone > 0) {
      this.#order = this.#order.filter((row) => !row.gone);
      this.#gone = 0;
    }
    return this.#order;
  }

  rowsBy(index: string, key: string): readonly Row<V>[] {
    return this.#buckets.get(`${index} ${key}`) ?? [];
  }

  insert(value: V, seq: number): void {
    const row = new KeptRow(seq, value);
    this.#rows.set(value.id, row);
    this.#archive?.note(row);
    insertBySeq(this.#order, row);
    for (const bucket of this.#bucketsOf(value)) insertBySeq(this.#bucket(bucket), row);
  }

  replace(row: KeptRow<V>, value: V): void {
    const before = this.#bucketsOf(row.value);
    const after = this.#bucketsOf(value);
    row.value = value;
    this.#archive?.note(row);
    for (const bucket of before) if (!after.has(bucket)) this.#leave(bucket, row);
    for (const bucket of after) if (!before.has(bucket)) insertBySeq(this.#bucket(bucket), row);
  }

  remove(row: KeptRow<V>): void {
    this.#rows.delete(row.value.id);
    row.gone = true;
    this.#gone += 1;
    if (this.#gone > 64 && this.#gone * 2 > this.#order.length) this.rows();
    for (const bucket of this.#bucketsOf(row.value)) this.#leave(bucket, row);
  }

  #bucketsOf(value: V): Set<string> {
    const names = new Set<string>();
    for (const [index, keysOf] of this.#indexes) {
      const keys = keysOf(value);
      if (keys === null) continue;
      for (const key of typeof keys === 'string' ? [keys] : keys) names.add(`${index} ${key}`);
    }
    return names;
  }

  #bucket(name: string): KeptRow<V>[] {
    const bucket = this.#buckets.get(name) ?? [];
    this.#buckets.set(name, bucket);
    return bucket;
  }

  #leave(name: string, row: KeptRow<V>): void {
    const bucket = this.#bucket(name);
    bucket.splice(placeOf(bucket, row.seq), 1);
    if (bucket.length === 0) this.#buckets.delete(name);
  }
}

/** Where the row with this number is, or would be. */
export function placeOf(rows: readonly { seq: number }[], seq: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insertBySeq<V>(rows: KeptRow<V>[], row: KeptRow<V>): void {
  const last = rows.at(-1);
  if (last === undefined || last.seq < row.seq) rows.push(row);
  else rows.splice(placeOf(rows, row.seq), 0, row);
}
