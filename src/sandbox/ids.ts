import { createHash } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Everything random comes from one seed, and its position is part of the state: a rerun repeats every id. */
export class Ids {
  constructor(
    readonly seed: string,
    public position = 0,
  ) {}

  /** `next('cus')` → `cus_` and 14 letters and digits; give the length where Stripe's ids are longer. */
  next(prefix: string, length = 14): string {
    return `${prefix}_${this.letters(length)}`;
  }

  letters(length: number): string {
    return Array.from(this.#bytes().subarray(0, length), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
  }

  /** A number from 0 up to, but not including, 1. */
  chance(): number {
    return this.#bytes().readUInt32BE(0) / 2 ** 32;
  }

  #bytes(): Buffer {
    this.position += 1;
    return createHash('sha256').update(`${this.seed}:${this.position}`).digest();
  }
}
