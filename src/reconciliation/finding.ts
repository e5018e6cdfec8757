import type { Difference } from './difference.entity.js';

/** A difference as it was found; the run adds the rest. */
export type Finding = Omit<Difference, 'id' | 'reconciliation' | 'created_at'>;

/** What one step of a run has seen, and what follows: the differences are written down, then repaired. */
export interface Step {
  checked: number;
  findings: Finding[];
  /** Of those marked `repaired`. Harmless to repeat. */
  repair: () => Promise<void>;
  /** Where the next step begins; null: this was the last. */
  next: object | null;
}
