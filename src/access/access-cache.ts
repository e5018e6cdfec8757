import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { AccessState } from './access.entity.js';

const CUSTOMERS = 50_000;

/** The access of one customer, as long as nobody says that it was written anew. */
export interface KnownAccess extends AccessState {
  /** Stripe's id. */
  customer: string;
  /** Business time: from then on it no longer holds. */
  next_change_at: Date | null;
}

interface Load {
  forgotten: Set<string>;
  all: boolean;
}

/**
 * Access in this process's memory, by what callers call the customer (Stripe's id or their own). What is forgotten while
 * it is being read is not kept: the read may have begun before the change that the notification tells of.
 */
@Injectable()
export class AccessCache {
  private readonly names = new Map<string, Set<string>>();
  private readonly loads = new Set<Load>();
  private readonly entries = new LRUCache<string, KnownAccess>({
    max: CUSTOMERS,
    dispose: ({ customer }, name) => {
      const names = this.names.get(customer);
      names?.delete(name);
      if (names?.size === 0) this.names.delete(customer);
    },
  });

  get(name: string): KnownAccess | undefined {
    return this.entries.get(name);
  }

  async load(name: string, read: () => Promise<KnownAccess>): Promise<KnownAccess> {
    const load = { forgotten: new Set<string>(), all: false };
    this.loads.add(load);
    try {
      const known = await read();
      if (!load.all && !load.forgotten.has(known.customer)) this.keep(name, known);
      return known;
    } finally {
      this.loads.delete(load);
    }
  }

  forget(customer: string): void {
    for (const load of this.loads) load.forgotten.add(customer);
    for (const name of this.names.get(customer) ?? []) this.entries.delete(name);
  }

  clear(): void {
    for (const load of this.loads) load.all = true;
    this.entries.clear();
  }

  private keep(name: string, known: KnownAccess): void {
    this.entries.set(name, known);
    const names = this.names.get(known.customer) ?? new Set();
    this.names.set(known.customer, names.add(name));
  }
}
