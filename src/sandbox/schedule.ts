import { clockOf, isClock } from './clock-of.js';
import { Heap } from './heap.js';
import type { Due } from './objects.js';
import type { Store } from './store.js';

const FIRST = 2 ** 50;

/**
 * What falls due when, in order of moment and then of being scheduled: one line for the sandbox's own clock, and one for
 * every test clock. Kept in the store, so it survives and rolls back.
 */
export class Schedule {
  #lines = new Map<string | null, Heap>();
  #order = 0;
  #dropped = false;

  constructor(readonly store: Store) {
    this.#rebuild();
  }

  /** One thing per kind and target: setting it again moves it. `at` is seconds, by the clock that the target belongs to. */
  set(kind: string, target: string, at: number): void {
    const id = `${kind} ${target}`;
    const clock = isClock(target) ? null : clockOf(this.store, target);
    const { account } = this.store;
    this.store.put('due', { id, kind, target, at, clock, ...(account !== '' && { account }) });
    this.#push(clock, at, id);
  }

  clear(kind: string, target: string): void {
    this.store.remove('due', `${kind} ${target}`);
  }

  at(kind: string, target: string): number | undefined {
    return this.store.get('due', `${kind} ${target}`)?.at;
  }

  /** The next thing of a test clock, or of the sandbox's own. */
  earliest(clock: string | null = null): Due | undefined {
    const line = this.#lines.get(clock);
    for (let top = line?.top(); top !== undefined; top = line?.top()) {
      const due = this.store.get('due', top.id);
      if (due?.at === top.at) return due;
      line?.pop();
      this.#dropped = true;
    }
    return undefined;
  }

  /** What was kept in the store is kept here. */
  settle(): void {
    this.#dropped = false;
  }

  /** After a rollback: entries that were dropped as outdated may hold again. */
  restore(): void {
    if (this.#dropped) this.#rebuild();
  }

  #rebuild(): void {
    this.#dropped = false;
    this.#lines = new Map();
    // A state file from before there were test clocks names none.
    for (const { value } of this.store.rows('due')) this.#push(value.clock ?? null, value.at, value.id);
  }

  #push(clock: string | null, at: number, id: string): void {
    const line = this.#lines.get(clock) ?? new Heap();
    this.#lines.set(clock, line);
    this.#order += 1;
    // A new phase begins before the period that it is about is invoiced:
    // https://docs.stripe.com/billing/subscriptions/subscription-schedules
    line.push({ at, order: id.startsWith('subscription_schedule.') ? this.#order - FIRST : this.#order, id });
  }
}
