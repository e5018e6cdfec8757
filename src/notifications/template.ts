import type { ReactNode } from 'react';
import type { Wording } from './wording.js';

/** What every e-mail is told besides its own facts. */
export interface Setting {
  words: Wording;
  /** Who sends it. */
  brand: string;
  /** The customer's name, or null. */
  name: string | null;
}

/** One e-mail: pure functions of its facts (amounts are integers in minor units, moments are Dates). */
export interface Template<Facts> {
  subject(facts: Facts, words: Wording): string;
  body(facts: Facts, setting: Setting): ReactNode;
  /** For previews. */
  sample: Facts;
}

export interface Money {
  amount: number;
  currency: string;
}
