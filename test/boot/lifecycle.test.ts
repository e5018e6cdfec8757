import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { DomainEventDraft } from '../../src/events/domain-events.js';
import { EventBus } from '../../src/events/event-bus.js';
import { Transactions } from '../../src/database/transactions.js';
import { until } from '../support/query.js';
import { World } from '../support/world.js';
import { startReceiver } from '../webhooks/outbound/receiver.js';
import type { Receiver } from '../webhooks/outbound/receiver.js';

let world: World;
let receiver: Receiver;
beforeAll(async () => {
  world = await World.open();
  receiver = await startReceiver();
});
afterAll(async () => {
  await world.close();
  await receiver.close();
});

function deleted(customer: string): DomainEventDraft {
  const about = { customer, object: customer, occurred_at: new Date('2026-01-15T09:00:00Z'), cause: null };
  return { ...about, type: 'customer.deleted', data: {} };
}

function publish(...drafts: DomainEventDraft[]): Promise<void> {
  return world.get(Transactions).run((em) => world.get(EventBus).publish(em, drafts));
}

function status(path: string): Promise<number> {
  return world.api.get(path).then((answer) => answer.status);
}

test('it ends in order: not ready first, then the work under way, the requests and the database last', async () => {
  const answers: Array<() => void> = [];
  receiver.answer = (response) => answers.push(() => response.end());
  await world.api.post('/v1/webhook_endpoints', { url: receiver.url, events: ['customer.deleted'] });
  await publish(deleted('cus_under_way'));
  await until(() => answers.length === 1);
  expect(await status('/health/ready')).toBe(200);

  const closed = world.house.close();
  let ready = 200;
  await until(async () => (ready = await status('/health/ready').catch(() => 0)) !== 200);
  expect(ready).toBe(503);
  // Whoever has not noticed yet is still served: what comes in now is for the next process.
  expect(await status('/v1/customers')).toBe(200);
  await publish(deleted('cus_for_the_next'));
  expect(await status('/v1/events?type=customer.deleted')).toBe(200);
  answers[0]?.();
  await closed;

  await expect(fetch(world.house.url)).rejects.toThrow('fetch failed');
  const client = new pg.Client(world.runtime.database.url);
  await client.connect();
  const sent = await client.query('select customer, status, attempts from webhook_deliveries');
  const left = await client.query(`select data->>'customer' as customer, state::text from pgboss.job
    where name = 'on.outbound_webhooks' and state <> 'completed'`);
  await client.end();
  expect(sent.rows).toEqual([{ customer: 'cus_under_way', status: 'delivered', attempts: 1 }]);
  expect(left.rows).toEqual([{ customer: 'cus_for_the_next', state: 'created' }]);
});
