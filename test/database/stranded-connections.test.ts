import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { EntityManager } from '@mikro-orm/postgresql';
import { MikroORM } from '@mikro-orm/postgresql';
import { ormConfig } from '../../config/mikro-orm.config.js';
import { isDatabaseAway } from '../../src/api/database-away.js';
import { Transactions } from '../../src/database/transactions.js';
import { cuttable } from '../access/cuttable-database.js';
import { cloneDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';

/** More than the pool may hold. */
const ROUNDS = 12;

let database: TestDatabase;
let network: Awaited<ReturnType<typeof cuttable>>;
let orm: MikroORM;
let transactions: Transactions;

beforeAll(async () => {
  database = await cloneDatabase();
  network = await cuttable(database.url);
  orm = await MikroORM.init({ ...ormConfig(network.url), logger: () => {} });
  transactions = new Transactions(orm);
});
afterAll(async () => {
  network.mend();
  await Promise.race([orm.close(), tooLate()]);
  await network.close();
});

function ask(em: EntityManager): Promise<unknown> {
  return em.getConnection().execute('select 1 as answer', [], 'get', em.getTransactionContext());
}

/** Is what fails because the database is away. */
async function away(work: Promise<unknown>): Promise<void> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect({ error, away: isDatabaseAway(error) }).toMatchObject({ away: true });
}

async function expectFine(): Promise<void> {
  network.mend();
  await expect(Promise.race([transactions.run(ask), tooLate()])).resolves.toEqual({ answer: 1 });
}

/** Who waits for a connection that was never given back waits for ever. */
function tooLate(): Promise<string> {
  return wait(20_000, 'no connection in 20 s', { ref: false });
}

test('connections lost in the middle of a transaction are given back', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await expectFine();
    await away(
      transactions.run(async (em) => {
        await ask(em);
        network.cut();
        await away(ask(em));
        await ask(em);
      }),
    );
  }
  await expectFine();
});

test('connections lost before a transaction begins or commits are given back', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await expectFine();
    network.cut();
    await away(transactions.run(ask));
    await expectFine();
    await away(
      transactions.run(async (em) => {
        await ask(em);
        network.cut();
      }),
    );
  }
  await expectFine();
});

test('connections lost outside of a transaction are given back', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await expectFine();
    network.cut();
    await away(ask(transactions.reader()));
  }
  await expectFine();
});

test('a transaction that fails on a connection that lives gives it back as it was', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const work = transactions.run(async (em) => {
      await em.getConnection().execute('select 1 / 0', [], 'get', em.getTransactionContext());
    });
    await expect(work).rejects.toThrow('division by zero');
  }
  await expectFine();
});
