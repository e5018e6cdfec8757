import { Injectable, Logger } from '@nestjs/common';
import { Transactions } from '../../database/transactions.js';
import { MirrorRegistry } from '../../mirror/mirror-registry.js';
import { keyOf } from '../../mirror/mirror-rows.js';
import { Mirror } from '../../mirror/mirror.js';
import type { EventSnapshot } from '../../mirror/mirror.js';
import { Refetch } from '../../mirror/refetch.js';
import { PINNED_API_VERSION } from '../../stripe/api-version.js';
import type { Decision } from './inbound-event.entity.js';
import { claim, markFailed, markHandled } from './inbox-queue.js';
import type { PendingEvent } from './inbox-queue.js';
import { readSnapshot } from './read-snapshot.js';
import { afterFailure } from './retry-policy.js';

export const BATCH = 200;

/**
 * Projects the inbox: a batch of events in one transaction with all that follows from them. A batch that fails is halved
 * until the poison event stands alone; only that one is retried with backoff, and ends in the dead letters.
 */
@Injectable()
export class Projector {
  private readonly logger = new Logger(Projector.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly mirror: Mirror,
    private readonly refetch: Refetch,
    private readonly registry: MirrorRegistry,
  ) {}

  /** @returns how many events were looked at; 0: nothing is due. */
  async projectBatch(): Promise<number> {
    const claimed: PendingEvent[] = [];
    try {
      await this.apply(BATCH, null, claimed);
    } catch (error) {
      if (claimed.length === 0) throw error;
      await this.isolate(claimed, error);
    }
    return claimed.length;
  }

  private async isolate(events: PendingEvent[], error: unknown): Promise<void> {
    const [only] = events;
    if (only && events.length === 1) return this.fail(only, error);
    const middle = Math.ceil(events.length / 2);
    for (const half of [events.slice(0, middle), events.slice(middle)]) {
      try {
        await this.apply(
          half.length,
          half.map(({ id }) => id),
          [],
        );
      } catch (halfError) {
        await this.isolate(half, halfError);
      }
    }
  }

  private async apply(limit: number, only: string[] | null, claimed: PendingEvent[]): Promise<void> {
    const unsure = await this.transactions.run(async (em) => {
      const events = await claim(em, limit, only);
      claimed.push(...events);
      const snapshots = events.flatMap((event) => this.snapshotOf(event) ?? []);
      const verdicts = await this.mirror.applyEvents(em, snapshots);
      const decisions = events.map(({ id }): [string, Decision] => [id, verdicts.get(id) ?? 'unprojected']);
      await markHandled(
        em,
        decisions.filter(([, decision]) => decision !== 'refetch'),
      );
      const attempts = new Map(events.map(({ id, attempts: made }) => [id, made]));
      return snapshots
        .filter(({ event }) => verdicts.get(event) === 'refetch')
        .map((snapshot) => ({ ...snapshot, attempts: attempts.get(snapshot.event) ?? 0 }));
    });
    for (const mine of Map.groupBy(unsure, ({ object }) => keyOf(object)).values()) await this.refetchFor(mine);
  }

  /** One request for all events of one object that are in doubt. */
  private async refetchFor(events: Array<EventSnapshot & { attempts: number }>): Promise<void> {
    const [first] = events;
    if (!first) return;
    try {
      const answers = await this.refetch.refresh([first.object], () => events.at(-1)?.event ?? null);
      const object = answers.get(keyOf(first.object));
      await this.transactions.run(async (em) => {
        const fetched = object && { object, api_version: PINNED_API_VERSION };
        await this.mirror.tellFacts(
          em,
          events.map((event) => (event.api_version === PINNED_API_VERSION ? event : { ...event, ...fetched })),
        );
        await markHandled(
          em,
          events.map(({ event }) => [event, 'refetch']),
        );
      });
    } catch (error) {
      for (const { event, attempts } of events) await this.fail({ id: event, attempts }, error);
    }
  }

  private async fail({ id, attempts }: { id: string; attempts: number }, error: unknown): Promise<void> {
    const { retryInSeconds, fatal } = afterFailure(attempts + 1, error);
    this.logger.warn({
      msg: fatal ? 'event dead-lettered' : 'event failed',
      event: id,
      attempt: attempts + 1,
      retryInSeconds,
      err: error,
    });
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    await this.transactions.run((em) => markFailed(em, id, message, retryInSeconds, fatal));
  }

  private snapshotOf(event: PendingEvent): EventSnapshot | null {
    const snapshot = readSnapshot(event);
    const definition = snapshot && this.registry.find(snapshot.object.object);
    return definition && !definition.preview?.(snapshot.object) ? snapshot : null;
  }
}
