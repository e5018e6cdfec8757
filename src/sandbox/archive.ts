import { deflateRawSync, inflateRawSync } from 'node:zlib';
import Stripe from 'stripe';

/** So many objects are put away together: the more, the smaller they get and the longer one of them takes to read. */
const BLOCK = 64;
const OPEN = 8;

/** One object with its place in the order of creation, at hand or put away. */
export class KeptRow<V> {
  /** Its latest place in the line of those that are to be put away; 0: it is not in line. */
  turn = 0;
  gone = false;
  #value: V | undefined;
  #block: Block | undefined;
  #place = 0;

  constructor(
    readonly seq: number,
    value: V,
  ) {
    this.#value = value;
  }

  get value(): V {
    if (this.#value !== undefined) return this.#value;
    const text = this.#block?.read(this.#place) ?? '';
    // Looking at every field takes far longer than parsing.
    return text.includes('_decimal":"') ? JSON.parse(text, reviveDecimals) : JSON.parse(text);
  }

  set value(value: V) {
    this.#value = value;
    this.#block = undefined;
  }

  putAway(block: Block, place: number): void {
    this.#block = block;
    this.#place = place;
    this.#value = undefined;
  }
}

/**
 * Where the objects of a table go that nothing has changed for long: invoices and payments of past months, which are
 * many and very much alike. So a sandbox can play years in the memory of a few months.
 */
export class Archive<V> {
  /** The longest unchanged first; who is changed joins anew, and the former place no longer counts. */
  #line: { row: KeptRow<V>; turn: number }[] = [];
  #first = 0;
  #turns = 0;
  #waiting = 0;

  /** `atHand`: how many are left as they are. */
  constructor(readonly atHand: number) {}

  /** This one was just put. */
  note(row: KeptRow<V>): void {
    if (row.turn === 0) this.#waiting += 1;
    this.#turns += 1;
    row.turn = this.#turns;
    this.#line.push({ row, turn: row.turn });
    if (this.#waiting >= this.atHand + BLOCK) this.#putAway();
  }

  #putAway(): void {
    const block = new Block();
    while (this.#waiting > this.atHand) {
      const { row, turn } = this.#line[this.#first] ?? {};
      this.#first += 1;
      if (row === undefined) break;
      if (row.turn !== turn) continue;
      row.turn = 0;
      this.#waiting -= 1;
      if (!row.gone) row.putAway(block, block.add(JSON.stringify(row.value)));
    }
    block.close();
    if (this.#first * 2 < this.#line.length) return;
    this.#line = this.#line.slice(this.#first);
    this.#first = 0;
  }
}

/** Some objects as one deflated text; those that were read last are kept open. */
class Block {
  static readonly #open = new Map<Block, string[]>();
  #lines: string[] = [];
  #bytes = new Uint8Array();

  /** Answers its place. */
  add(text: string): number {
    return this.#lines.push(text) - 1;
  }

  close(): void {
    // Copied: a Buffer is often a small part of a piece of memory that it keeps whole.
    this.#bytes = new Uint8Array(deflateRawSync(this.#lines.join('\n'), { level: 1 }));
    this.#lines = [];
  }

  read(place: number): string {
    const lines = Block.#open.get(this) ?? inflateRawSync(this.#bytes).toString('utf8').split('\n');
    Block.#open.delete(this);
    Block.#open.set(this, lines);
    const [oldest] = Block.#open.keys();
    if (Block.#open.size > OPEN && oldest !== undefined) Block.#open.delete(oldest);
    return lines[place] ?? '';
  }
}

/** The `stripe` package holds decimals as objects; on the wire, in the archive and in the state file they are strings. */
export function reviveDecimals(key: string, value: unknown): unknown {
  return key.endsWith('_decimal') && typeof value === 'string' ? Stripe.Decimal.from(value) : value;
}
