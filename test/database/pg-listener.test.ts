import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { readEnv } from '../../config/env.js';
import { PgListener } from '../../src/database/pg-listener.js';
import { cuttable } from '../access/cuttable-database.js';
import { cloneDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';

let database: TestDatabase;
let network: Awaited<ReturnType<typeof cuttable>>;
let direct: pg.Client;
let listener: PgListener;
let heard: string[];

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await cloneDatabase();
  network = await cuttable(database.url);
  direct = new pg.Client({ connectionString: database.url });
  await direct.connect();
});
beforeEach(() => {
  const env = readEnv({ NODE_ENV: 'test' });
  const stripe = { ...env.stripe, secretKey: 'sk_test_listener', sandboxUrl: null };
  listener = new PgListener({ ...env, database: { url: network.url }, stripe });
  heard = [];
});
afterEach(async () => {
  jest.restoreAllMocks();
  network.mend();
  await listener.onApplicationShutdown();
});
afterAll(async () => {
  await direct.end();
  await network.close();
});

/** Hears what a channel tells, and when it is connected (anew). */
function hear(channel: string): Promise<void> {
  return listener.listen(
    channel,
    (payload) => heard.push(`${channel}: ${payload}`),
    () => heard.push(`${channel} connected`),
  );
}

async function notify(channel: string, payload: string): Promise<void> {
  await direct.query('select pg_notify($1, $2)', [channel, payload]);
  await until(() => heard.includes(`${channel}: ${payload}`));
}

async function terminate(): Promise<void> {
  await direct.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'good-standing listen'`,
  );
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('hears each channel apart, on one connection', async () => {
  const connecting = jest.spyOn(pg.Client.prototype, 'connect');
  await hear('one');
  await hear('Two words');
  await notify('one', 'a');
  await notify('Two words', 'b');
  expect(heard).toEqual(['one connected', 'Two words connected', 'one: a', 'Two words: b']);
  expect(connecting).toHaveBeenCalledTimes(1);
});

test('all who listen to a channel hear it', async () => {
  await hear('shared');
  let also = '';
  await listener.listen('shared', (payload) => (also = payload));
  await notify('shared', 'x');
  expect(also).toBe('x');
});

test('channels that are added while the connection is being opened are heard', async () => {
  const channels = ['early', 'late', 'later'];
  await Promise.all(channels.map(hear));
  for (const channel of channels) await notify(channel, 'x');
});

test('a connection that the server ends is replaced, says so to everybody, and hears again', async () => {
  await hear('one');
  await hear('two');
  heard = [];
  await terminate();
  await until(() => !listener.connected);
  await until(() => listener.connected);
  expect(heard).toEqual(['one connected', 'two connected']);
  await notify('one', 'after');
  await notify('two', 'after');
});

test('a channel that is added to a connection just lost is heard by the next one', async () => {
  await hear('one');
  await terminate();
  await hear('two');
  await until(() => heard.includes('two connected'));
  await notify('two', 'x');
});

test('without its database it goes on trying, and listens once it is back', async () => {
  network.cut();
  await hear('one');
  expect(listener.connected).toBe(false);
  await hear('two');
  expect(heard).toEqual([]);
  network.mend();
  await until(() => listener.connected);
  for (const channel of ['one', 'two']) await notify(channel, 'x');
});

test('a database that neither answers nor refuses is tried again', async () => {
  network.hang();
  const connecting = jest.spyOn(pg.Client.prototype, 'connect');
  const listening = hear('one');
  await until(() => connecting.mock.calls.length > 1);
  network.mend();
  await listening;
  await until(() => listener.connected);
  await notify('one', 'x');
});

test('a connection whose other end is gone without a word is noticed, and replaced', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  await hear('one');
  heard = [];
  network.lose();
  await jest.advanceTimersByTimeAsync(14_000);
  expect(listener.connected).toBe(false);
  await jest.advanceTimersByTimeAsync(200);
  jest.useRealTimers();
  await until(() => listener.connected);
  expect(heard).toEqual(['one connected']);
  await notify('one', 'after');
});

test('a connection that answers is kept', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  const asked = jest.spyOn(pg.Client.prototype, 'query');
  await hear('one');
  for (let beats = 0; beats < 3; beats++) {
    await jest.advanceTimersByTimeAsync(10_000);
    const answers = asked.mock.results.map(({ value }) => value as Promise<unknown>);
    await Promise.all(answers);
    // The next question is put once the answer has been taken.
    await until(() => jest.getTimerCount() > 0);
  }
  jest.useRealTimers();
  expect(asked.mock.calls.filter(([question]) => JSON.stringify(question).includes('select 1'))).toHaveLength(3);
  expect(heard).toEqual(['one connected']);
  expect(listener.connected).toBe(true);
});

test('at the end it does not come back', async () => {
  await hear('one');
  const connecting = jest.spyOn(pg.Client.prototype, 'connect');
  network.cut();
  await until(() => !listener.connected);
  await listener.onApplicationShutdown();
  network.mend();
  jest.useFakeTimers();
  jest.advanceTimersByTime(60_000);
  jest.useRealTimers();
  expect(connecting).not.toHaveBeenCalled();
});
