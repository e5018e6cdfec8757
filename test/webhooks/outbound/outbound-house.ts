import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { MikroORM } from '@mikro-orm/postgresql';
import type { EntityManager } from '@mikro-orm/postgresql';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { readEnv } from '../../../config/env.js';
import type { Runtime } from '../../../config/runtime.js';
import { ProblemFilter } from '../../../src/api/problem.filter.js';
import { ValidationPipe } from '../../../src/api/validation.pipe.js';
import { CustomerIds } from '../../../src/customers/customer-ids.js';
import { DatabaseModule } from '../../../src/database/database.module.js';
import { ENV } from '../../../src/database/env.token.js';
import { Transactions } from '../../../src/database/transactions.js';
import type { DomainEvent, DomainEventDraft } from '../../../src/events/domain-events.js';
import { EventBus } from '../../../src/events/event-bus.js';
import { EventsModule } from '../../../src/events/events.module.js';
import { Listeners } from '../../../src/events/listeners.js';
import { Boss } from '../../../src/jobs/boss.js';
import { jobs, QUICK } from '../../../src/jobs/jobs.js';
import { JobsModule } from '../../../src/jobs/jobs.module.js';
import { DeliveryJob } from '../../../src/webhooks/outbound/delivery.job.js';
import { OutboundWebhooksListener } from '../../../src/webhooks/outbound/outbound-webhooks.listener.js';
import { OutboundModule } from '../../../src/webhooks/outbound/outbound.module.js';
import { WebhookEndpointReplayJob } from '../../../src/webhooks/outbound/webhook-endpoint-replay.job.js';
import type { WebhookDelivery } from '../../../src/webhooks/outbound/webhook-delivery.entity.js';
import { cloneDatabase } from '../../support/database.js';

const LISTENER = 'on.outbound_webhooks';
const JOB = 'outbound_webhook.deliver';
const REPLAY = 'outbound_webhook.replay';

export type Json = Record<string, unknown>;

/**
 * This room on a real database and queue. Jobs are fetched from the queue and run here one by one, so that a test decides
 * when each attempt happens.
 */
export class OutboundHouse {
  private constructor(readonly app: NestFastifyApplication) {}

  static async open(): Promise<OutboundHouse> {
    const database = await cloneDatabase();
    const env = readEnv({ NODE_ENV: 'test', DATABASE_URL: database.url });
    const runtime = { ...env, database: { url: database.url } };
    const module = await Test.createTestingModule({
      imports: [settings(runtime), DatabaseModule, JobsModule, EventsModule, OutboundModule],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: ValidationPipe },
      ],
    }).compile();
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    const house = new OutboundHouse(await app.init());
    await app.getHttpAdapter().getInstance().ready();
    await app.get(Boss).start();
    await app.get(Boss).ensureQueues([JOB, REPLAY].map((name) => ({ name, retry: QUICK })));
    app.get(Listeners).route();
    await app.get(Listeners).ensureQueues();
    return house;
  }

  async close(): Promise<void> {
    await this.app.get(Boss).stop();
    await this.app.close();
  }

  /** Every table of this room and of the queue empty again. */
  async clear(): Promise<void> {
    // Not truncate: its table locks meet those of the queue's maintenance.
    for (const table of [
      'webhook_endpoint_replays',
      'webhook_deliveries',
      'webhook_endpoints',
      'domain_events',
      'external_ids',
      'pgboss.job',
    ]) {
      await this.sql(`delete from ${table}`);
    }
  }

  async sql(statement: string, values: unknown[] = []): Promise<Json[]> {
    return this.app.get(MikroORM).em.fork().execute(statement, values);
  }

  transaction<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.app.get(Transactions).run(work);
  }

  async call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
  ): Promise<{ status: number; body: Json }> {
    const answer = await this.app.inject({ method, url, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json() };
  }

  async createEndpoint(
    url: string,
    events: string[] = ['*'],
    more: object = {},
  ): Promise<{ id: string; secret: string }> {
    const { status, body } = await this.call('POST', '/v1/webhook_endpoints', { url, events, ...more });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return { id: String(body['id']), secret: String(body['secret']) };
  }

  publish(...drafts: DomainEventDraft[]): Promise<void> {
    return this.transaction((em) => this.app.get(EventBus).publish(em, drafts));
  }

  /** Runs the listener for what was published, then every step of a replay and every attempt that is due. */
  async drain(): Promise<void> {
    await this.listen();
    await this.runAll(REPLAY, (data) => this.app.get(WebhookEndpointReplayJob).run(jobs[REPLAY].data.parse(data)));
    await this.runAll(JOB, (data) => this.app.get(DeliveryJob).deliver(jobs[JOB].data.parse(data)));
  }

  /** Runs the listener alone for what was published. */
  listen(): Promise<void> {
    const listener = this.app.get(OutboundWebhooksListener);
    return this.runBatches(LISTENER, (events) => this.transaction((em) => listener.send(em, events as DomainEvent[])));
  }

  /** Lets the time pass that an endpoint's deliveries wait for. */
  async passTime(endpoint: string): Promise<void> {
    await this.sql(
      'update webhook_deliveries set next_attempt_at = now() where endpoint = ? and next_attempt_at is not null',
      [endpoint],
    );
    await this.sql(
      `update pgboss.job set start_after = now() where name = '${JOB}' and state = 'created' and group_id = ?`,
      [endpoint],
    );
  }

  async deliveries(endpoint: string): Promise<WebhookDelivery[]> {
    const { body } = await this.call('GET', `/v1/webhook_endpoints/${endpoint}/deliveries?limit=100`);
    return body['data'] as WebhookDelivery[];
  }

  private runAll(queue: string, run: (data: object) => Promise<void>): Promise<void> {
    return this.runBatches(queue, async (batch) => {
      for (const data of batch) await run(data);
    });
  }

  private async runBatches(queue: string, run: (batch: object[]) => Promise<void>): Promise<void> {
    const { pgBoss } = this.app.get(Boss);
    for (;;) {
      const fetched = await pgBoss.fetch<object>(queue, { batchSize: 100 });
      if (fetched.length === 0) return;
      await run(fetched.map(({ data }) => data));
      await pgBoss.complete(
        queue,
        fetched.map(({ id }) => id),
      );
    }
  }
}

@Global()
@Module({})
class SettingsModule {}

function settings(runtime: Omit<Runtime, 'stripe'>) {
  return {
    module: SettingsModule,
    providers: [{ provide: ENV, useValue: runtime }, CustomerIds],
    exports: [ENV, CustomerIds],
  };
}
