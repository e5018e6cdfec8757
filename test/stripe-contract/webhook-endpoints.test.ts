import { expect, test } from '@jest/globals';
import { contract } from './support.js';

const world = contract();
const url = 'https://example.com/webhooks';

test('an endpoint shows its secret once, is changed, switched off and on, and deleted', async () => {
  const { webhookEndpoints } = world.stripe;
  const made = await webhookEndpoints.create({
    url,
    enabled_events: ['customer.created', 'invoice.paid'],
    description: 'Contract',
    metadata: { a: '1' },
    api_version: '2026-10-28.endive',
  });
  expect(made).toMatchObject({
    object: 'webhook_endpoint',
    api_version: '2026-10-28.endive',
    description: 'Contract',
    enabled_events: ['customer.created', 'invoice.paid'],
    livemode: false,
    metadata: { a: '1' },
    secret: expect.stringMatching(/^whsec_/),
    status: 'enabled',
    url,
  });
  const found = await webhookEndpoints.retrieve(made.id);
  expect(found).not.toHaveProperty('secret');
  const changed = await webhookEndpoints.update(made.id, { enabled_events: ['*'], disabled: true, url: `${url}/2` });
  expect(changed).toMatchObject({ enabled_events: ['*'], status: 'disabled', url: `${url}/2` });
  expect(await webhookEndpoints.update(made.id, { disabled: false })).toMatchObject({ status: 'enabled' });
  expect((await webhookEndpoints.list({ limit: 100 })).data.map(({ id }) => id)).toContain(made.id);
  expect(await webhookEndpoints.del(made.id)).toMatchObject({ id: made.id, deleted: true });
  await expect(webhookEndpoints.retrieve(made.id)).rejects.toMatchObject({ statusCode: 404 });
});

test.each([
  ['no events', { url }, 'enabled_events'],
  ['what is no event', { url, enabled_events: ['everything'] }, undefined],
  ['what is no address', { url: 'example', enabled_events: ['*'] }, 'url'],
  ['what is no version', { url, enabled_events: ['*'], api_version: 'latest' }, 'api_version'],
])('an endpoint with %s is refused', async (_what, params, param) => {
  await expect(world.stripe.rawRequest('POST', '/v1/webhook_endpoints', params)).rejects.toMatchObject({
    statusCode: 400,
    ...(param !== undefined && { param }),
  });
});
