export interface Entry {
  at: number;
  order: number;
  id: string;
}

/** What comes next: entries in order of moment, and then of being added. */
export class Heap {
  readonly #entries: Entry[] = [];

  top(): Entry | undefined {
    return this.#entries[0];
  }

  push(entry: Entry): void {
    const entries = this.#entries;
    entries.push(entry);
    for (let child = entries.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfBefore(child, parent)) return;
      child = parent;
    }
  }

  pop(): void {
    const entries = this.#entries;
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return;
    entries[0] = last;
    for (let parent = 0; ;) {
      const left = 2 * parent + 1;
      const child = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfBefore(child, parent)) return;
      parent = child;
    }
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const [below, above] = [this.#entries[child], this.#entries[parent]];
    if (below === undefined || above === undefined || !this.#before(child, parent)) return false;
    this.#entries[child] = above;
    this.#entries[parent] = below;
    return true;
  }

  #before(one: number, other: number): boolean {
    const [a, b] = [this.#entries[one], this.#entries[other]];
    if (a === undefined || b === undefined) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }
}
