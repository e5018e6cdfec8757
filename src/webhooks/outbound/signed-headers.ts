import { Webhook } from 'standardwebhooks';

/**
 * Standard Webhooks' headers: one signature per secret, so that during a rotation the receiver's old one still verifies.
 * @param now real time: receivers refuse a stamp that is more than five minutes off
 */
export function signedHeaders(id: string, body: string, secrets: string[], now: Date): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'GoodStanding-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
  };
}
