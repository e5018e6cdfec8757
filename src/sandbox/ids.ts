import { hash } from 'node:crypto';

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
    const bytes = this.#bytes();
    let letters = '';
    for (let index = 0; index < length; index += 1) letters += ALPHABET.charAt((bytes[index] ?? 0) % ALPHABET.length);
    return letters;
  }

  /** A number from 0 up to, but not including, 1. */
  chance(): number {
    return this.#bytes().readUInt32BE(0) / 2 ** 32;
  }

  #bytes(): Buffer {
    this.position += 1;
    return hash('sha256', `${this.seed}:${this.position}`, 'buffer');
  }
}
