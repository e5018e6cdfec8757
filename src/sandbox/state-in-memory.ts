import type { Commit, EventFilter, PendingDelivery, State, StoredEvent } from './state.js';

/**
 * The state of an ephemeral sandbox. Objects never change in place, so an event holds those that it is about and costs
 * next to nothing until it is read.
 */
export class StateInMemory implements State {
  readonly #meta = new Map<string, string>();
  #events: StoredEvent[] = [];
  readonly #byId = new Map<string, StoredEvent>();

  meta(key: string): string | undefined {
    return this.#meta.get(key);
  }

  writeMeta(key: string, value: string): void {
    this.#meta.set(key, value);
  }

  commit({ events, meta }: Commit): void {
    for (const event of events) {
      this.#events.push(event);
      this.#byId.set(event.id, event);
    }
    for (const [key, value] of Object.entries(meta)) this.#meta.set(key, value);
  }

  event(id: string): StoredEvent | undefined {
    return this.#byId.get(id);
  }

  events({ types = [], gt, lt, before, after, delivered, account, limit }: EventFilter): StoredEvent[] {
    const wanted = types.map(patternOf);
    return this.#first(limit, after === undefined ? 'newest' : 'oldest', (event) =>
      [
        event.created > gt && event.created < lt,
        before === undefined || event.seq < before,
        after === undefined || event.seq > after,
        account === undefined || event.account === account,
        delivered === undefined || (event.pending === 0) === delivered,
        wanted.length === 0 || wanted.some((pattern) => pattern.test(event.type)),
      ].every(Boolean),
    );
  }

  eventsAbout(text: string, limit: number): StoredEvent[] {
    return this.#first(limit, 'newest', (event) => event.body.includes(text));
  }

  lastEventSeq(): number {
    return this.#events.at(-1)?.seq ?? 0;
  }

  /** They were told in the order of the clock, which never goes back. */
  pruneEvents(olderThan: number): void {
    const kept = this.#events.findIndex(({ created }) => created >= olderThan);
    const old = this.#events.slice(0, kept === -1 ? undefined : kept);
    for (const { id } of old) this.#byId.delete(id);
    this.#events = this.#events.slice(old.length);
  }

  delivered(event: string): void {
    const known = this.#byId.get(event);
    if (known !== undefined) known.pending = Math.max(0, known.pending - 1);
  }

  /** Nothing outlives the process: there is nothing to take up again. */
  loadInto(): void {}

  pendingDeliveries(): PendingDelivery[] {
    return [];
  }

  deliveryFailed(): void {}

  forgetDelivery(): void {}

  close(): void {}

  #first(limit: number, from: 'newest' | 'oldest', wanted: (event: StoredEvent) => boolean): StoredEvent[] {
    const found: StoredEvent[] = [];
    const { length } = this.#events;
    for (let step = 0; step < length && found.length < limit; step += 1) {
      const event = this.#events[from === 'oldest' ? step : length - 1 - step];
      if (event !== undefined && wanted(event)) found.push(event);
    }
    return found;
  }
}

function patternOf(type: string): RegExp {
  return new RegExp(`^${type.replaceAll(/[^\w*]/g, '\\$&').replaceAll('*', '.*')}$`);
}
