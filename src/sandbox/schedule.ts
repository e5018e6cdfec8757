import type { Due } from './objects.js';
import type { Store } from './store.js';

interface Entry {
  at: number;
  order: number;
  id: string;
}

/** What falls due when, in order of moment and then of being scheduled. Kept in the store, so it survives and rolls back. */
export class Schedule {
  #heap: Entry[] = [];
  #order = 0;
  #dropped = false;

  constructor(readonly store: Store) {
    this.#rebuild();
  }

  /** One thing per kind and target: setting it again moves it. `at` is seconds. */
  set(kind: string, target: string, at: number): void {
    const id = `${kind} ${target}`;
    this.store.put('due', { id, kind, target, at });
    this.#push({ at, order: (this.#order += 1), id });
  }

  clear(kind: string, target: string): void {
    this.store.remove('due', `${kind} ${target}`);
  }

  at(kind: string, target: string): number | undefined {
    return this.store.get('due', `${kind} ${target}`)?.at;
  }

  earliest(): Due | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      const due = this.store.get('due', top.id);
      if (due?.at === top.at) return due;
      this.#pop();
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
    this.#heap = [];
    for (const { value } of this.store.rows('due'))
      this.#push({ at: value.at, order: (this.#order += 1), id: value.id });
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    heap.push(entry);
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfBefore(child, parent)) return;
      child = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let parent = 0; ;) {
      const left = 2 * parent + 1;
      const child = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfBefore(child, parent)) return;
      parent = child;
    }
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const [below, above] = [this.#heap[child], this.#heap[parent]];
    if (below === undefined || above === undefined || !this.#before(child, parent)) return false;
    this.#heap[child] = above;
    this.#heap[parent] = below;
    return true;
  }

  #before(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }
}
