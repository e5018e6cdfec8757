import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import { Transactions } from '../../database/transactions.js';
import type { JobData } from '../../jobs/jobs.js';
import { OnJob } from '../../jobs/on-job.js';
import { WebhookEndpointReplay } from './webhook-endpoint-replay.entity.js';
import { WebhookEndpointReplays } from './webhook-endpoint-replays.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';

/** Replays as a chain of short jobs, each one transaction: a step that is cut off leaves nothing and is done again. */
@Injectable()
export class WebhookEndpointReplayJob {
  constructor(
    private readonly replays: WebhookEndpointReplays,
    private readonly transactions: Transactions,
  ) {}

  @OnJob('outbound_webhook.replay')
  async run({ replay: id, step }: JobData<'outbound_webhook.replay'>): Promise<void> {
    await this.transactions.run(async (em) => {
      const replay = await em.findOne(
        WebhookEndpointReplay,
        { id, steps: step, status: 'running' },
        { lockMode: LockMode.PESSIMISTIC_WRITE },
      );
      if (replay === null) return;
      const endpoint = await em.findOne(WebhookEndpoint, { id: replay.endpoint });
      if (endpoint?.status === 'enabled') await this.replays.step(em, replay, endpoint);
      else replay.fail(endpoint === null ? 'The endpoint was deleted.' : 'The endpoint is disabled.');
    });
  }
}
