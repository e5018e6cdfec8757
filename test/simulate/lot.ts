import { createHash } from 'node:crypto';
import { seededRandom } from '../faults/random.js';

/** All chance of the simulation. Lots of other names are other sequences, so that one more draw here changes nothing there. */
export class Lot {
  private readonly random: () => number;

  constructor(seed: number, ...names: Array<string | number>) {
    const digest = createHash('sha256')
      .update([seed, ...names].join('/'))
      .digest();
    this.random = seededRandom(digest.readUInt32BE(0));
  }

  /** @param probability from 0 to 1 */
  chance(probability: number): boolean {
    return this.random() < probability;
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.random() * from.length)];
    if (picked === undefined) throw new Error('There is nothing to pick from.');
    return picked;
  }

  /** Undefined when there is none. */
  weighted<T extends { weight: number }>(from: readonly T[]): T | undefined {
    let left = this.random() * from.reduce((sum, { weight }) => sum + weight, 0);
    return from.find(({ weight }) => (left -= weight) < 0);
  }

  /** The gaps between things that happen at random, `mean` on the average. */
  gap(mean: number): number {
    return -Math.log(1 - this.random()) * mean;
  }
}
