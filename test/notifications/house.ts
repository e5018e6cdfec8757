import { Global, Module } from '@nestjs/common';
import type { ModuleMetadata } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ScheduleModule } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Logger, LoggerModule } from 'nestjs-pino';
import { readEnv } from '../../config/env.js';
import { parsePolicies } from '../../src/access/policies-file.js';
import { Policies } from '../../src/access/policies.js';
import { ApiModule } from '../../src/api/api.module.js';
import { configureHttp, httpAdapter } from '../../src/api/http.js';
import { logging } from '../../src/api/logging.js';
import { CustomerIds } from '../../src/customers/customer-ids.js';
import { Clock } from '../../src/database/clock.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { ENV } from '../../src/database/env.token.js';
import { Settling } from '../../src/database/settling.js';
import { Transactions } from '../../src/database/transactions.js';
import type { DomainEventDraft } from '../../src/events/domain-events.js';
import { EventBus } from '../../src/events/event-bus.js';
import { EventsModule } from '../../src/events/events.module.js';
import { Listeners } from '../../src/events/listeners.js';
import { Boss } from '../../src/jobs/boss.js';
import { DueSweep } from '../../src/jobs/due-sweep.js';
import { JobWorkers } from '../../src/jobs/job-workers.js';
import { JobsModule } from '../../src/jobs/jobs.module.js';
import { Worker } from '../../src/jobs/worker.js';
import { DunningJob } from '../../src/notifications/dunning.job.js';
import { Email } from '../../src/notifications/email.entity.js';
import { EmailJob } from '../../src/notifications/email.job.js';
import { NotificationsModule } from '../../src/notifications/notifications.module.js';
import type { Effect } from '../../src/notifications/templates.js';
import { cloneDatabase } from '../support/database.js';

export type House = Awaited<ReturnType<typeof openHouse>>;

export const NOW = new Date('2027-03-03T12:00:00Z');

const POLICIES = `
access:
  trialing: allow
  past_due: { grace_days: 7 }
  unpaid: deny
  paused: deny
  incomplete: deny
  active: allow
  incomplete_expired: deny
  canceled: deny
answers: { stale_for_minutes: 60 }
dunning:
  reminders:
    - { id: reminder, days_before_access_ends: 4 }
    - { id: last_notice, days_before_access_ends: 2 }
`;

/** The notifications room on its own: real database, events and jobs; mirrored rows are written by the tests. */
export async function openHouse(environment: Record<string, string> = {}) {
  const database = await cloneDatabase();
  const env = readEnv({ ...environment, DATABASE_URL: database.url, MAIL_FROM: 'Acme <billing@acme.example>' });

  @Global()
  @Module({
    providers: [
      { provide: ENV, useValue: env },
      { provide: Policies, useValue: new Policies(parsePolicies(POLICIES)) },
      CustomerIds,
    ],
    exports: [ENV, Policies, CustomerIds],
  })
  class SurroundingsModule {}

  const app = await startApp([
    SurroundingsModule,
    LoggerModule.forRoot(logging('silent')),
    ScheduleModule.forRoot(),
    DatabaseModule,
    ApiModule,
    JobsModule,
    EventsModule,
    NotificationsModule,
  ]);
  const clock = app.get(Clock);
  clock.turn(NOW, 'frozen');

  const boss = app.get(Boss);
  const listeners = app.get(Listeners);
  const sweep = app.get(DueSweep);
  listeners.route();
  await boss.start();
  await app.get(JobWorkers).ensureQueues();
  await listeners.ensureQueues();
  await listeners.start();
  const options = { batchSize: 5, concurrency: 5 };
  await app
    .get(Worker)
    .work('dunning.remind', options, (data) =>
      app.get(DunningJob).remind(data as { subscription: string; step: string }),
    );
  await sweep.start();

  const transactions = app.get(Transactions);
  const house = {
    clock,
    transactions,
    get: app.get.bind(app),
    http: (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers }),
    /** From now on `email.send` jobs are worked on; before that they wait, as they do while the worker is away. */
    startSending: () =>
      app.get(Worker).work('email.send', options, (data) => app.get(EmailJob).send(data as { email: string })),
    write: (work: (em: EntityManager) => unknown) => transactions.run(async (em) => void (await work(em))),
    publish: (...drafts: DomainEventDraft[]) => transactions.run((em) => app.get(EventBus).publish(em, drafts)),
    emails: (effect?: Effect) =>
      transactions.reader().find(Email, effect ? { effect } : {}, { orderBy: { id: 'asc' } }),
    /** For what comes later by itself, and so is not waited for by `settle`. */
    until: async (isSo: () => Promise<boolean>) => {
      const deadline = Date.now() + 15_000;
      while (!(await isSo())) if (Date.now() > deadline) throw new Error('It did not happen.');
    },
    settle: async () => {
      if (!(await app.get(Settling).settle(15_000))) throw new Error('The house did not come to rest.');
    },
    turnTo: async (moment: string) => {
      clock.turn(new Date(moment), 'frozen');
      sweep.wake();
      await house.settle();
    },
    close: async () => {
      await sweep.stop();
      await boss.stop();
      await app.close();
    },
  };
  return house;
}

async function startApp(imports: NonNullable<ModuleMetadata['imports']>): Promise<NestFastifyApplication> {
  const testing = await Test.createTestingModule({ imports }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(httpAdapter());
  app.useLogger(app.get(Logger));
  configureHttp(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}
