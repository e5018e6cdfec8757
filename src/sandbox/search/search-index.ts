import type { ObjectType } from '../objects.js';
import type { ChangedObject, Store } from '../store.js';

interface Change extends ChangedObject {
  /** Milliseconds. */
  at: number;
}

/**
 * What search knows. At Stripe new data is found within a minute (https://docs.stripe.com/search#data-freshness); here
 * at once, or as late as a rehearsal asks for. What waits to be indexed is kept in memory only.
 */
export class SearchIndex {
  #lag = 0;
  #waiting: Change[] = [];
  readonly #known = new Map<ObjectType, Map<string, { seq: number; value: object }>>();

  constructor(readonly store: Store) {}

  get lag(): number {
    return this.#lag;
  }

  /** Milliseconds; everything that is there now counts as indexed. */
  set lag(milliseconds: number) {
    this.#lag = milliseconds;
    this.#waiting = [];
    this.#known.clear();
  }

  /** Called with every change before it is settled; without a lag there is nothing to remember. */
  note(changes: readonly ChangedObject[], at: number): void {
    if (this.#lag > 0) this.#waiting.push(...changes.map((change) => ({ ...change, at })));
  }

  /** As search sees them at this moment (milliseconds), newest first. */
  objects(type: ObjectType, now: number): object[] {
    const rows = this.store.rows(type);
    if (this.#lag === 0) return rows.map(({ value }) => value).toReversed();
    this.#catchUp(now);
    const late = new Map(this.#waiting.filter((change) => change.type === type).map(({ id }) => [id, true]));
    const indexed = rows.filter(({ value }) => !late.has(value.id)).map(({ seq, value }) => ({ seq, value }));
    const old = [...(this.#known.get(type) ?? [])].flatMap(([id, entry]) => (late.has(id) ? [entry] : []));
    return [...indexed, ...old].toSorted((one, other) => other.seq - one.seq).map(({ value }) => value);
  }

  #catchUp(now: number): void {
    const ready = this.#waiting.filter(({ at }) => at + this.#lag <= now);
    this.#waiting = this.#waiting.slice(ready.length);
    for (const { type, id, seq, value } of ready) {
      const known = this.#known.get(type) ?? new Map<string, { seq: number; value: object }>();
      if (value === null) known.delete(id);
      else known.set(id, { seq, value });
      this.#known.set(type, known);
    }
  }
}
