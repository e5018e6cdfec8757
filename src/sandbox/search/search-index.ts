import type { ObjectType } from '../objects.js';
import type { ChangedObject, Store } from '../store.js';
import { FIELDS, type Searchable } from './fields.js';

interface Change extends ChangedObject {
  /** Milliseconds. */
  at: number;
}
interface Entry {
  seq: number;
  value: object;
}

/**
 * What search knows. At Stripe new data is found within a minute (https://docs.stripe.com/search#data-freshness); here
 * at once, or as late as a rehearsal asks for. What waits to be indexed is kept in memory only.
 */
export class SearchIndex {
  #lag = 0;
  #waiting: Change[] = [];
  readonly #known = new Map<ObjectType, Map<string, Entry>>();

  constructor(readonly store: Store) {}

  get lag(): number {
    return this.#lag;
  }

  /** Milliseconds; everything that is there now counts as indexed. */
  set lag(milliseconds: number) {
    this.#lag = milliseconds;
    this.#waiting = [];
    this.#known.clear();
    if (milliseconds === 0) return;
    for (const type of Object.keys(FIELDS).filter(isSearchable))
      this.#known.set(type, new Map(this.store.rows(type).map(({ seq, value }) => [value.id, { seq, value }])));
  }

  /** Called with every change as it is kept; without a lag there is nothing to remember. */
  note(changes: readonly ChangedObject[], at: number): void {
    if (this.#lag === 0) return;
    this.#waiting.push(
      ...changes
        .filter(({ account, type }) => account === '' && isSearchable(type))
        .map((change) => ({ ...change, at })),
    );
  }

  /** As search sees them at this moment (milliseconds), newest first. */
  objects(type: Searchable, now: number): object[] {
    if (this.#lag === 0 || this.store.account !== '')
      return this.store
        .rows(type)
        .map(({ value }) => value)
        .toReversed();
    this.#catchUp(now);
    const known = [...(this.#known.get(type)?.values() ?? [])];
    return known.toSorted((one, other) => other.seq - one.seq).map(({ value }) => value);
  }

  #catchUp(now: number): void {
    const ready = this.#waiting.filter(({ at }) => at + this.#lag <= now);
    this.#waiting = this.#waiting.filter(({ at }) => at + this.#lag > now);
    for (const { type, id, seq, value } of ready)
      if (value === null) this.#known.get(type)?.delete(id);
      else this.#known.get(type)?.set(id, { seq, value });
  }
}

function isSearchable(type: string): type is Searchable {
  return Object.hasOwn(FIELDS, type);
}
