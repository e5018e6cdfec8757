import { Archive, KeptRow } from './archive.js';

/** One object with its place in the order of creation. */
export interface Row<V> {
  readonly seq: number;
  readonly value: V;
}
type Keys = string | readonly string[] | null;
interface Index<V> {
  keysOf: (value: V) => Keys;
  rows: Map<string, KeptRow<V>[]>;
}

/** The objects of one type in the order they were made, and by each index. */
export class Table<V extends { id: string }> {
  readonly #rows = new Map<string, KeptRow<V>>();
  #order: KeptRow<V>[] = [];
  /** Removed, and still in the order: taken out all at once when somebody looks, or when they are the most of it. */
  #gone = 0;
  readonly #indexes: Map<string, Index<V>>;
  readonly #archive: Archive<V> | undefined;

  /** `atHand`: of those that nothing changes any more, how many are not put away; all if not given. */
  constructor(indexes: Record<string, (value: V) => Keys>, atHand?: number) {
    this.#indexes = new Map(Object.entries(indexes).map(([name, keysOf]) => [name, { keysOf, rows: new Map() }]));
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
    return this.#indexes.get(index)?.rows.get(key) ?? [];
  }

  insert(value: V, seq: number): void {
    const row = new KeptRow(seq, value);
    this.#rows.set(value.id, row);
    this.#archive?.note(row);
    insertBySeq(this.#order, row);
    for (const { keysOf, rows } of this.#indexes.values())
      for (const key of listOf(keysOf(value))) join(rows, key, row);
  }

  replace(row: KeptRow<V>, value: V): void {
    const old = row.value;
    row.value = value;
    this.#archive?.note(row);
    for (const { keysOf, rows } of this.#indexes.values()) {
      const [before, after] = [keysOf(old), keysOf(value)];
      if (before === after) continue;
      const [left, joined] = [listOf(before), listOf(after)];
      for (const key of left) if (!joined.includes(key)) leave(rows, key, row);
      for (const key of joined) if (!left.includes(key)) join(rows, key, row);
    }
  }

  remove(row: KeptRow<V>): void {
    const { value } = row;
    this.#rows.delete(value.id);
    row.gone = true;
    this.#gone += 1;
    if (this.#gone > 64 && this.#gone * 2 > this.#order.length) this.rows();
    for (const { keysOf, rows } of this.#indexes.values())
      for (const key of listOf(keysOf(value))) leave(rows, key, row);
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

function listOf(keys: Keys): readonly string[] {
  if (keys === null) return [];
  return typeof keys === 'string' ? [keys] : [...new Set(keys)];
}

function join<V>(rows: Map<string, KeptRow<V>[]>, key: string, row: KeptRow<V>): void {
  const known = rows.get(key);
  if (known === undefined) rows.set(key, [row]);
  else insertBySeq(known, row);
}

function leave<V>(rows: Map<string, KeptRow<V>[]>, key: string, row: KeptRow<V>): void {
  const known = rows.get(key) ?? [];
  known.splice(placeOf(known, row.seq), 1);
  if (known.length === 0) rows.delete(key);
}
