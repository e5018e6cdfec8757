import type { Context } from '../context.js';
import type { IntentFact } from '../objects.js';

/** What is known of a payment beside its intent; of most payments nothing is, and nothing is kept. */
export function intentFact({ store }: Context, id: string): IntentFact {
  return store.get('intent_fact', id) ?? { id, increments: 0, lines: [] };
}
