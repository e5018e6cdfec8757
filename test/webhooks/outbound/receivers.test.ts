import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Runtime } from '../../../config/runtime.js';
import { Receivers } from '../../../src/webhooks/outbound/receivers.js';
import { WebhookDelivery } from '../../../src/webhooks/outbound/webhook-delivery.entity.js';
import { newSecret, WebhookEndpoint } from '../../../src/webhooks/outbound/webhook-endpoint.entity.js';
import { startReceiver } from './receiver.js';
import type { Receiver } from './receiver.js';

function receiversIn(nodeEnv: Runtime['nodeEnv']): Receivers {
  return new Receivers({ nodeEnv } as Runtime);
}

let receiver: Receiver;
beforeEach(async () => void (receiver = await startReceiver()));
afterEach(() => receiver.close());

function sendTo(url: string, receivers: Receivers) {
  const endpoint = Object.assign(new WebhookEndpoint(), { url, secret: newSecret(), old_secrets: [] });
  const delivery = Object.assign(new WebhookDelivery(), { event: 'dev_1', request_body: '{}' });
  return receivers.post(endpoint, delivery);
}

describe('receivers in production', () => {
  const production = receiversIn('production');

  test.each(['https://8.8.8.8/hooks', 'https://[2606:4700::1111]/', 'https://not-yet-registered.invalid/'])(
    '%s may be saved',
    async (url) => {
      await expect(production.check(url)).resolves.toBeUndefined();
    },
  );

  test.each([
    'http://8.8.8.8/',
    'https://127.0.0.1/',
    'https://localhost/',
    'https://LOCALHOST:8443/',
    'https://[::1]/',
    'https://2130706433/',
    'https://[fd00:ec2::254]/',
  ])('%s may not be saved', async (url) => {
    await expect(production.check(url)).rejects.toMatchObject({ code: 'invalid_input', fields: [{ pointer: '/url' }] });
  });

  test('what was saved in development is not connected to', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const outcome = await sendTo(`http://${host}:${receiver.port}/`, production);
      expect(outcome).toMatchObject({ status_code: null, error: expect.stringContaining('not a public address') });
    }
    expect(receiver.connections).toBe(0);
  });
});

describe.each(['development', 'test'] as const)('receivers in %s', (nodeEnv) => {
  test('may be local, and nothing else that is private', async () => {
    const receivers = receiversIn(nodeEnv);
    await receivers.check(`http://localhost:${receiver.port}/`);
    await expect(receivers.check('http://192.168.1.1/')).rejects.toMatchObject({ code: 'invalid_input' });
    expect(await sendTo(receiver.url, receivers)).toMatchObject({ status_code: 200, error: null });
  });
});
