import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { DomainEventDraft } from '../../../src/events/domain-events.js';
import { jobs } from '../../../src/jobs/jobs.js';
import { Worker } from '../../../src/jobs/worker.js';
import { DeliveryJob } from '../../../src/webhooks/outbound/delivery.job.js';
import { OutboundHouse } from './outbound-house.js';
import { startReceiver } from './receiver.js';
import type { Receiver } from './receiver.js';

/** Less than the 15 s after which an attempt that hangs gives its lane back. */
jest.setTimeout(12_000);

const JOB = 'outbound_webhook.deliver';

let house: OutboundHouse;
let receivers: Receiver[] = [];
beforeAll(async () => {
  house = await OutboundHouse.open();
  // The worker as the house runs it.
  await house.app
    .get(Worker)
    .work(JOB, jobs[JOB].work, (data) => house.app.get(DeliveryJob).deliver(jobs[JOB].data.parse(data)));
});
afterAll(() => house.close());
let deadline: number;
beforeEach(async () => {
  await house.clear();
  deadline = performance.now() + 11_000;
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
});

async function endpointAt(event: string, answer?: Receiver['answer']) {
  const receiver = await startReceiver();
  if (answer) receiver.answer = answer;
  receivers.push(receiver);
  return { receiver, ...(await house.createEndpoint(receiver.url, [event])) };
}

function hanging(): void {}

async function publish(type: 'customer.updated' | 'customer.deleted', count: number): Promise<void> {
  const common = { customer: 'cus_1', object: 'cus_1', cause: null, occurred_at: new Date() };
  const draft: DomainEventDraft =
    type === 'customer.deleted' ? { ...common, type, data: {} } : { ...common, type, data: { changed: ['name'] } };
  await house.publish(...Array.from({ length: count }, () => draft));
  await house.listen();
}

/** Or until there is just time enough to say that it did not come. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition() && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
}

test('a receiver that hangs is asked no more than three things at once, and holds up no other', async () => {
  const slow = await endpointAt('customer.deleted', hanging);
  const well = await endpointAt('customer.updated');
  await publish('customer.deleted', 30);
  await until(() => slow.receiver.received.length === 3);
  await publish('customer.updated', 20);
  await until(() => well.receiver.received.length === 20);
  expect(well.receiver.received).toHaveLength(20);
  expect(slow.receiver.connections).toBe(3);
});

test('several that were failing before are asked one thing each, and hold up no other', async () => {
  const slow = await Promise.all([1, 2, 3, 4, 5].map(() => endpointAt('customer.deleted', hanging)));
  await house.sql(`update webhook_endpoints set failing_since = now()`);
  const well = await endpointAt('customer.updated');
  await publish('customer.deleted', 10);
  await until(() => slow.every(({ receiver }) => receiver.received.length > 0));
  await publish('customer.updated', 20);
  await until(() => well.receiver.received.length === 20);
  expect(well.receiver.received).toHaveLength(20);
  expect(slow.map(({ receiver }) => receiver.connections)).toEqual([1, 1, 1, 1, 1]);
});
