import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Runtime } from '../../../config/runtime.js';
import { ENV } from '../../database/env.token.js';
import { newId } from '../../database/ids.js';
import { Transactions } from '../../database/transactions.js';
import { NotFound } from '../../errors/failure.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { MirrorRegistry } from '../../mirror/mirror-registry.js';
import { Mirror } from '../../mirror/mirror.js';
import { Refetch } from '../../mirror/refetch.js';
import { InboundEvent } from './inbound-event.entity.js';
import { isolate } from '../../jobs/isolate.js';
import { readEnvelope } from './read-envelope.js';
import { mirroredSnapshot } from './read-snapshot.js';
import type { Selection } from './replay-selection.js';
import type { SelectedEvent } from './replay-slice.js';
import { isPassing } from './retry-policy.js';
import { WebhookReplay } from './webhook-replay.entity.js';

type Readable = SelectedEvent & { payload: string };

export interface Partition {
  /** Were projected: brought to the mirror again. */
  handled: Readable[];
  /** Never were, and may be now. */
  due: string[];
}

/**
 * Goes through stored events again. What was handled is brought to the mirror in silence: no domain event, so no e-mail
 * and no webhook follows. What never was (dead letters, what was kept aside) is queued as if it had just come.
 */
@Injectable()
export class WebhookReplays {
  constructor(
    @Inject(ENV) private readonly env: Runtime,
    private readonly mirror: Mirror,
    private readonly queue: JobQueue,
    private readonly refetch: Refetch,
    private readonly registry: MirrorRegistry,
    private readonly transactions: Transactions,
  ) {}

  /** @throws NotFound when the one event that is named is not stored */
  async open(em: EntityManager, selection: Selection): Promise<WebhookReplay> {
    const { event } = selection;
    if (event !== undefined && (await em.count(InboundEvent, { id: event })) === 0)
      throw new NotFound('webhook event', event);
    const replay = em.create(
      WebhookReplay,
      {
        id: newId('rpl'),
        selection,
        status: 'running',
        total: null,
        error: null,
        cursor: null,
        finished_at: null,
      },
      { partial: true },
    );
    await em.flush();
    await this.queue.enqueue(em, 'webhook_replay.run', { replay: replay.id });
    return replay;
  }

  partition(events: SelectedEvent[]): Partition {
    const ours = events.filter((event): event is Readable => event.account === null && event.payload !== null);
    return {
      handled: ours.filter(({ status }) => status === 'handled'),
      due: ours.filter((event) => this.isDue(event)).map(({ id }) => id),
    };
  }

  /** @returns what could not be brought again, each with its error. @throws what is the fault of no event, and passes */
  async bringAgain(replay: string, events: Readable[]): Promise<Array<{ id: string; error: unknown }>> {
    const failed: Array<{ id: string; error: unknown }> = [];
    const fail = async ({ id }: Readable, error: unknown) => void failed.push({ id, error });
    const bring = (some: Readable[]) => this.bring(replay, some);
    try {
      await bring(events);
    } catch (error) {
      if (isPassing(error)) throw error;
      await isolate(events, error, bring, fail);
    }
    return failed;
  }

  private async bring(replay: string, events: Readable[]): Promise<void> {
    const snapshots = events.flatMap((event) => mirroredSnapshot(this.registry, event) ?? []);
    const verdicts = await this.transactions.run((em) => this.mirror.applyEvents(em, snapshots, { replay }));
    const unsure = snapshots.filter(({ event }) => verdicts.get(event) === 'refetch');
    await this.refetch.refresh(
      unsure.map(({ object }) => object),
      () => replay,
      'background',
      { replay },
    );
  }

  /** What was kept aside is judged anew: the mode may have been set wrongly. */
  private isDue({ status, payload }: Readable): boolean {
    if (status === 'dead') return true;
    const livemode = this.env.stripe.mode === 'live';
    return status === 'quarantined' && readEnvelope(Buffer.from(payload), livemode).quarantine === null;
  }
}
