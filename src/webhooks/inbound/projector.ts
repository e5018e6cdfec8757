import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Transactions } from '../../database/transactions.js';
import { failpoint } from '../../failpoints/failpoint.js';
import { MirrorRegistry } from '../../mirror/mirror-registry.js';
import { keyOf } from '../../mirror/mirror-rows.js';
import { Mirror } from '../../mirror/mirror.js';
import type { EventSnapshot } from '../../mirror/mirror.js';
import { Refetch } from '../../mirror/refetch.js';
import { PINNED_API_VERSION } from '../../stripe/api-version.js';
import { projectedEvents, projectionBatchSeconds } from '../../telemetry/metrics.js';
import { BatchSpans } from '../../telemetry/tracing.js';
import type { Decision } from './inbound-event.entity.js';
import { InboundTallies } from './inbound-tallies.js';
import { isolate } from '../../jobs/isolate.js';
import { claim, markFailed, markHandled, markQuarantined } from './inbox-queue.js';
import type { PendingEvent } from './inbox-queue.js';
import { mirroredSnapshot } from './read-snapshot.js';
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
    private readonly tallies: InboundTallies,
  ) {}

  /** @returns how many events were looked at; 0: nothing is due. */
  async projectBatch(): Promise<number> {
    const claimed: PendingEvent[] = [];
    try {
      await this.apply(BATCH, null, claimed);
    } catch (error) {
      if (claimed.length === 0) throw error;
      const again = (half: PendingEvent[]) =>
        this.apply(
          half.length,
          half.map(({ id }) => id),
          [],
        );
      await isolate(claimed, error, again, (poison, its) => this.fail(poison, its));
    }
    return claimed.length;
  }

  private apply(limit: number, only: string[] | null, claimed: PendingEvent[]): Promise<void> {
    const spans = new BatchSpans();
    return spans.run(() => this.applyTraced(limit, only, claimed, spans));
  }

  private async applyTraced(
    limit: number,
    only: string[] | null,
    claimed: PendingEvent[],
    spans: BatchSpans,
  ): Promise<void> {
    const begun = performance.now();
    const { decided, unsure } = await this.transactions.run(async (em) => {
      const events = await claim(em, limit, only);
      claimed.push(...events);
      if (events.length > 0) failpoint('projection.claimed');
      spans.begin(events);
      const snapshots = events.flatMap((event) => mirroredSnapshot(this.registry, event) ?? []);
      const verdicts = await this.mirror.applyEvents(em, snapshots);
      const decisions = events.map(({ id }): [string, Decision] => [id, verdicts.get(id) ?? 'unprojected']);
      await markHandled(
        em,
        decisions.filter(([, decision]) => decision !== 'refetch'),
        performance.now() - begun,
      );
      if (events.length > 0) failpoint('projection.written');
      const attempts = new Map(events.map(({ id, attempts: made }) => [id, made]));
      const doubted = snapshots
        .filter(({ event }) => verdicts.get(event) === 'refetch')
        .map((snapshot) => ({ ...snapshot, attempts: attempts.get(snapshot.event) ?? 0 }));
      return { decided: decisions, unsure: doubted };
    });
    if (decided.length > 0) failpoint('projection.committed');
    spans.decided(decided);
    if (decided.length > 0) projectionBatchSeconds.observe((performance.now() - begun) / 1000);
    for (const [decision, its] of Map.groupBy(decided, ([, one]) => one))
      if (decision !== 'refetch') projectedEvents.inc({ decision }, its.length);
    for (const mine of Map.groupBy(unsure, ({ object }) => keyOf(object)).values()) await this.refetchFor(mine, begun);
  }

  /** One request for all events of one object that are in doubt. */
  private async refetchFor(events: Array<EventSnapshot & { attempts: number }>, begun: number): Promise<void> {
    const [first] = events;
    if (!first) return;
    this.tallies.note('refetch', first.type);
    try {
      const answers = await this.refetch.refresh([first.object], () => events.at(-1)?.event ?? null);
      failpoint('refetch.written');
      const object = answers.get(keyOf(first.object));
      await this.transactions.run(async (em) => {
        const fetched = object && { object, api_version: PINNED_API_VERSION };
        await this.mirror.tellFacts(
          em,
          events.map((event) => (isForeign(event) ? { ...event, ...fetched } : event)),
        );
        if (!object) await this.keepUnreadable(em, events.filter(isForeign));
        await markHandled(
          em,
          events.map(({ event }) => [event, 'refetch']),
          performance.now() - begun,
        );
      });
      projectedEvents.inc({ decision: 'refetch' }, events.length);
    } catch (error) {
      for (const { event, attempts } of events) await this.fail({ id: event, attempts }, error);
    }
  }

  /** What another version tells of an object that Stripe has no longer is known to nobody, but that it is gone. */
  private async keepUnreadable(em: EntityManager, foreign: EventSnapshot[]): Promise<void> {
    for (const { event, type, object, api_version } of foreign) {
      if (type === this.registry.get(object.object).deletedBy) continue;
      const reason = `written in API version ${api_version ?? 'unknown'}, and Stripe has no ${object.id} to fetch instead`;
      await markQuarantined(em, [event], reason);
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
    projectedEvents.inc({ decision: fatal ? 'dead' : 'failed' });
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    await this.transactions.run((em) => markFailed(em, id, message, retryInSeconds, fatal));
  }
}

function isForeign({ api_version }: EventSnapshot): boolean {
  return api_version !== PINNED_API_VERSION;
}
