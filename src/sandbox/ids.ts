import { createHash } from 'node:crypto';

const ALPHABET = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
const TEXT = Buffer.alloc(128);
/** Bytes for one id, and for how many ids they are drawn at once. */
const DRAW = { bytes: 32, ids: 256 };

/** Everything random comes from one seed, and its position is part of the state: a rerun repeats every id. */
export class Ids {
  #drawn: { from: number; bytes: Buffer } = { from: -1, bytes: Buffer.alloc(0) };

  constructor(
    readonly seed: string,
    public position = 0,
  ) {}

  /** `next('cus')` → `cus_` and 14 letters and digits; give the length where Stripe's ids are longer. */
  next(prefix: string, length = 14): string {
    return this.#after(`${prefix}_`, length);
  }

  letters(length: number): string {
    return this.#after('', length);
  }

  /** A number from 0 up to, but not including, 1. */
  chance(): number {
    return this.#bytes().readUInt32BE(0) / 2 ** 32;
  }

  /** Written in one piece: ids are most of what an old object leaves behind, and a string pieced together is ten times as large. */
  #after(prefix: string, length: number): string {
    const bytes = this.#bytes();
    const begin = TEXT.write(prefix, 'latin1');
    for (let index = 0; index < length; index += 1)
      TEXT[begin + index] = ALPHABET[(bytes[index] ?? 0) % ALPHABET.length] ?? 0;
    return TEXT.toString('latin1', 0, begin + length);
  }

  #bytes(): Buffer {
    this.position += 1;
    const place = this.position % DRAW.ids;
    const from = this.position - place;
    if (from !== this.#drawn.from) this.#drawn = { from, bytes: draw(`${this.seed}:${from}`) };
    return this.#drawn.bytes.subarray(place * DRAW.bytes, (place + 1) * DRAW.bytes);
  }
}

function draw(name: string): Buffer {
  return createHash('shake256', { outputLength: DRAW.bytes * DRAW.ids })
    .update(name)
    .digest();
}
