import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { EntityManager } from '@mikro-orm/postgresql';
import { readEnv } from '../../config/env.js';
import { AccessDerivation } from '../../src/access/access-derivation.js';
import { AccessModule } from '../../src/access/access.module.js';
import { AccessChange, AccessRow } from '../../src/access/access.entity.js';
import type { PoliciesFile } from '../../src/access/policies-file.js';
import { Policies } from '../../src/access/policies.js';
import { Catalog } from '../../src/catalog/catalog.js';
import { CustomerIds } from '../../src/customers/customer-ids.js';
import { Clock } from '../../src/database/clock.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { ENV } from '../../src/database/env.token.js';
import { PgListener } from '../../src/database/pg-listener.js';
import { Transactions } from '../../src/database/transactions.js';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import { EventsModule } from '../../src/events/events.module.js';
import { JobsModule } from '../../src/jobs/jobs.module.js';
import { DueRow } from '../../src/jobs/due.entity.js';
import { MirrorRegistry } from '../../src/mirror/mirror-registry.js';
import { cloneDatabase } from '../support/database.js';
import { at, catalog, policies } from './facts.js';

export const NOW = '2027-03-05';

export type House = Awaited<ReturnType<typeof openHouse>>;

export interface HouseOptions {
  /** A clone is made where none is given. */
  url?: string;
  catalog?: Catalog;
  policies?: PoliciesFile;
}

/** The access room on its own: real database, due moments and events; mirrored rows are written by the tests. */
export async function openHouse(options: HouseOptions = {}) {
  const database = options.url === undefined ? await cloneDatabase() : null;
  const env = readEnv({ DATABASE_URL: options.url ?? database?.url });

  @Global()
  @Module({
    providers: [
      { provide: ENV, useValue: env },
      { provide: Catalog, useValue: options.catalog ?? catalog },
      CustomerIds,
      MirrorRegistry,
    ],
    exports: [ENV, Catalog, CustomerIds, MirrorRegistry],
  })
  class BelowModule {}

  const app = await Test.createTestingModule({
    imports: [BelowModule, DatabaseModule, JobsModule, EventsModule, AccessModule],
  })
    .overrideProvider(Policies)
    .useValue(new Policies(options.policies ?? policies()))
    .compile();
  app.useLogger(false);
  const clock = app.get(Clock);
  clock.turn(at(NOW), 'frozen');
  await app.init();
  const transactions = app.get(Transactions);
  const reader = () => transactions.reader();

  return {
    clock,
    get: app.get.bind(app),
    write: (work: (em: EntityManager) => Promise<unknown>) => transactions.run(async (em) => void (await work(em))),
    recompute: (...customers: string[]) =>
      transactions.run((em) =>
        app.get(AccessDerivation).recompute(em, new Map(customers.map((id) => [id, `evt_${id}`]))),
      ),
    row: (customer: string) => reader().findOne(AccessRow, { customer }),
    history: (customer: string) => reader().find(AccessChange, { customer }, { orderBy: { id: 'asc' } }),
    events: () => reader().find(DomainEventRow, {}, { orderBy: { id: 'asc' } }),
    due: () => reader().find(DueRow, {}, { orderBy: { key: 'asc' } }),
    listener: app.get(PgListener),
    close: () => app.close(),
  };
}
