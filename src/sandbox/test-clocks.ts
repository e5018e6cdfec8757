import { setImmediate } from 'node:timers/promises';
import { readyClock } from './billing/test-clocks.js';
import type { Core } from './core.js';
import { faultOf } from './errors.js';
import type { Moments } from './moments.js';

/**
 * Advances the test clocks that were told to: beside the answering of requests, moment by moment, and again after a
 * restart where one was interrupted. https://docs.stripe.com/api/test_clocks/advance
 */
export class TestClocks {
  readonly #running = new Map<string, Promise<void>>();

  constructor(
    readonly core: Core,
    readonly moments: Moments,
  ) {}

  /** Called after every change: starts what was told to advance. */
  wake(): void {
    if (this.moments.closed) return;
    for (const { id } of this.core.store.by('test_clock', 'status', 'advancing'))
      if (!this.#running.has(id)) this.#running.set(id, this.#advance(id));
  }

  /** Resolved when none advances any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  async #advance(id: string): Promise<void> {
    await setImmediate();
    const target = this.core.store.get('test_clock', id)?.status_details.advancing?.target_frozen_time ?? 0;
    try {
      for (let at = this.moments.next(id, target); at !== undefined; at = this.moments.next(id, target)) {
        this.moments.run(id, at);
        await setImmediate();
      }
      if (!this.moments.closed) this.#transact(id, 'ready');
    } catch (error) {
      this.core.log({ msg: 'a test clock failed', test_clock: id, error: faultOf(error).stack });
      this.#transact(id, 'internal_failure');
    } finally {
      this.#running.delete(id);
    }
  }

  #transact(id: string, status: 'ready' | 'internal_failure'): void {
    this.core.transact({ id: null, idempotency_key: null }, (context) => readyClock(context, id, status));
  }
}
