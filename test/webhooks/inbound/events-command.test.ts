import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Transactions } from '../../../src/database/transactions.js';
import { eventsCommand } from '../../../src/webhooks/inbound/events-command.js';
import { WebhookReplays } from '../../../src/webhooks/inbound/webhook-replays.js';
import { customerFixture } from '../../customers/fixtures.js';
import { eventBody, signed } from '../../support/stripe-event.js';
import { World } from '../../support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
  await deliver('evt_first', false);
  await deliver('evt_aside', true);
  await world.sandbox.settle();
});
afterAll(() => world.close());

async function deliver(id: string, livemode: boolean): Promise<void> {
  const object = customerFixture({ id: `cus_${id}` });
  const body = eventBody({ id, type: 'customer.created', created: 1_768_467_600, object, livemode });
  const headers = signed(body, world.runtime.stripe.webhookSecrets[0] ?? '');
  await fetch(`${world.house.url}/webhooks/stripe`, { method: 'POST', body, headers });
}

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  const tools = {
    transactions: world.get(Transactions),
    replays: world.house.app.get(WebhookReplays, { strict: false }),
  };
  const said: string[] = [];
  const code = await eventsCommand(tools, args, (text) => said.push(text), new AbortController().signal);
  return { code, said: said.join('') };
}

test('lists, with the reason', async () => {
  const { code, said } = await run('list', '--status', 'quarantined');
  expect(code).toBe(0);
  expect(said).toMatch(/^\S+ {2}quarantined {2}evt_aside {2}customer.created {2}a live event in a test deployment\n$/);
  expect((await run('list', '--type', 'customer.created', '--limit', '1')).said.split('\n')).toHaveLength(2);
  expect(await run('list', '--status', 'dead')).toEqual({ code: 0, said: 'There are none.\n' });
});

test('shows an event with its bytes', async () => {
  const { code, said } = await run('show', 'evt_first');
  expect(code).toBe(0);
  expect(said).toContain('"status": "handled"');
  expect(said).toContain('{"id":"evt_first","object":"event"');
  expect(await run('show', 'evt_none')).toEqual({ code: 1, said: "There is no event 'evt_none'.\n" });
});

test('replays, and waits until it is done', async () => {
  const { code, said } = await run('replay', '--event', 'evt_first');
  expect(code).toBe(0);
  expect(said).toMatch(/^rpl_\w+ begins\.\n/);
  expect(said).toContain('1 of 1: 1 replayed, 0 queued again, 0 skipped, 0 failed\n');
  expect((await run('replay', '--all')).said).toContain(', 0 queued again, 1 skipped, 0 failed\n');
  await expect(run('replay', '--event', 'evt_none')).rejects.toThrow("There is no webhook event 'evt_none'.");
});

test('who does not wait is told where to look', async () => {
  const tools = {
    transactions: world.get(Transactions),
    replays: world.house.app.get(WebhookReplays, { strict: false }),
  };
  const said: string[] = [];
  const code = await eventsCommand(tools, ['replay', '--all'], (text) => said.push(text), AbortSignal.abort());
  expect(code).toBe(0);
  expect(said.at(-1)).toMatch(/GET \/v1\/webhooks\/replays\/rpl_\w+\n$|\d+ of \d+/);
});

test.each([
  [],
  ['list', 'x'],
  ['show'],
  ['replay'],
  ['replay', '--all', '--type', 'x'],
  ['list', '--no', 'x'],
  ['burn'],
])('explains itself when called with %s', async (...args: string[]) => {
  const { code, said } = await run(...args);
  expect(code).toBe(2);
  expect(said).toMatch(/^Usage: npm run events -- list/);
});
