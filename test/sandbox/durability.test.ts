import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { Program } from './program.js';
import { clientOf, Receiver, TestSandbox, WEBHOOK_SECRET } from './support.js';

let folder: string;
let stateFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  stateFile = join(folder, 'state.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a restart keeps objects, events, the clock, what is due, and idempotent answers', async () => {
  const first = await TestSandbox.start({ stateFile });
  const customer = await first.customerWith('pm_card_visa');
  const price = await first.price();
  const create = (world: TestSandbox) =>
    world.stripe.subscriptions.create({ customer, items: [{ price }] }, { idempotencyKey: 'once' });
  const subscription = await create(first);
  await first.advance('10h');
  const events = await first.eventTypes();
  await first.close();

  const second = await TestSandbox.start({ stateFile, now: new Date('2030-01-01') });
  expect((await second.control('GET', 'clock'))['now']).toBe('2026-01-31T20:00:00.000Z');
  expect(await second.eventTypes()).toEqual(events);
  expect((await create(second)).id).toBe(subscription.id);
  expect((await second.stripe.prices.retrieve(price)).unit_amount_decimal?.toString()).toBe('1000');
  await second.advance('29d');
  const invoices = await second.stripe.invoices.list({ subscription: subscription.id });
  expect(invoices.data.map(({ status }) => status)).toEqual(['paid', 'paid']);
  await second.close();
});

test('a killed process loses no answered request', async () => {
  const program = new Program('--port', '0', '--state', stateFile);
  const stripe = clientOf(await program.port());
  const answered: string[] = [];
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let index = 0; ; index += 1) {
      const customer = await stripe.customers.create({ name: `${writer}/${index}` });
      answered.push(customer.id);
      if (answered.length === 200) program.child.kill('SIGKILL');
    }
  });
  const outcomes = await Promise.allSettled(writers);
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(answered.length).toBeGreaterThanOrEqual(200);

  const after = await TestSandbox.start({ stateFile, frozen: false });
  const kept = await after.stripe.customers.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 });
  const ids = new Set(kept.map(({ id }) => id));
  expect(answered.filter((id) => !ids.has(id))).toEqual([]);
  const told = await after.stripe.events
    .list({ type: 'customer.created', limit: 100 })
    .autoPagingToArray({ limit: 10_000 });
  expect(told).toHaveLength(kept.length);
  expect(after.lines).toContainEqual(
    expect.objectContaining({ msg: expect.stringMatching(/^the last run was killed/) }),
  );
  await after.close();
  const again = await TestSandbox.start({ stateFile });
  expect(again.lines).toEqual([]);
  await again.close();
});

test('a last record that was half written is left out, whole, and the log says that the run was killed', async () => {
  const program = new Program('--port', '0', '--state', stateFile);
  const stripe = clientOf(await program.port());
  const names = ['one', 'two', 'three'];
  for (const name of names) await stripe.customers.create({ name });
  program.child.kill('SIGKILL');
  await program.ended();
  const log = `${stateFile}-wal`;
  truncateSync(log, statSync(log).size - 100);

  const after = await TestSandbox.start({ stateFile, frozen: false });
  const kept = await after.stripe.customers.list();
  expect(kept.data.map(({ name }) => name)).toEqual(['two', 'one']);
  expect(await after.eventTypes()).toEqual(['customer.created', 'customer.created']);
  expect(after.lines).toContainEqual(
    expect.objectContaining({ msg: expect.stringMatching(/^the last run was killed/) }),
  );
  await after.close();
});

test('what was not delivered before a restart is delivered after it', async () => {
  const receiver = await Receiver.start();
  receiver.answer = () => 503;
  const webhook = { url: receiver.url, secret: WEBHOOK_SECRET };
  const first = await TestSandbox.start({ stateFile, webhook });
  const customer = await first.stripe.customers.create({});
  await receiver.until(() => receiver.received.length > 0);
  await first.close();
  receiver.answer = () => 200;
  const second = await TestSandbox.start({ stateFile, webhook });
  await second.control('POST', 'settle');
  expect(receiver.received.at(-1)?.body).toContain(customer.id);
  expect((await second.eventsOf('customer.created'))[0]?.pending_webhooks).toBe(0);
  await second.close();
  await receiver.close();
});

test.each<[string, () => void | Promise<void>, RegExp]>([
  [
    'is damaged inside',
    async () => {
      const world = await TestSandbox.start({ stateFile });
      for (let index = 0; index < 20; index += 1) await world.stripe.customers.create({});
      await world.close();
      const bytes = readFileSync(stateFile);
      writeFileSync(stateFile, bytes.fill(7, 4096, bytes.length - 4096));
    },
    /state\.sqlite cannot be used: .*(malformed|damaged).*Move it away/s,
  ],
  [
    'holds an object that is none',
    async () => {
      const world = await TestSandbox.start({ stateFile });
      await world.stripe.customers.create({});
      await world.close();
      const database = new DatabaseSync(stateFile);
      database.exec("UPDATE objects SET body = '{' WHERE type = 'customer'");
      database.close();
    },
    /state\.sqlite cannot be used: .*JSON.*Move it away/s,
  ],
  [
    'is no database',
    () => writeFileSync(stateFile, 'x'.repeat(5000)),
    /state\.sqlite cannot be used: file is not a database.*Move it away/s,
  ],
  [
    'belongs to something else',
    () => new DatabaseSync(stateFile).exec('CREATE TABLE meta (key, value)'),
    /belongs to something else.*Move it away/s,
  ],
])('a state file that %s is named and refused, and left as it was', async (_name, prepare, message) => {
  await prepare();
  const before = readFileSync(stateFile);
  await expect(startSandbox({ port: 0, stateFile })).rejects.toThrow(message);
  expect(readFileSync(stateFile).equals(before)).toBe(true);
});

test('a state file that another sandbox uses, and a port in use, are each one clear line', async () => {
  const first = await TestSandbox.start({ stateFile });
  await expect(startSandbox({ port: 0, stateFile })).rejects.toThrow(/Another sandbox uses it/);
  await expect(startSandbox({ port: first.sandbox.port })).rejects.toThrow(
    /port is in use\. Stop what uses it, or choose another port/,
  );
  await first.close();
});
