import { expect, test } from '@jest/globals';
import { readEnvelope } from '../../../src/webhooks/inbound/read-envelope.js';
import { eventBody } from '../../support/stripe-event.js';

const object = { id: 'sub_1', object: 'subscription', customer: 'cus_1' };
const fields = { id: 'evt_1', type: 'customer.subscription.updated', created: 1_767_225_600, object };

function read(over: object = {}, livemode = false) {
  return readEnvelope(Buffer.from(eventBody({ ...fields, ...over })), livemode);
}

test('what the row needs, and the bytes as they came', () => {
  expect(read()).toEqual({
    id: 'evt_1',
    type: 'customer.subscription.updated',
    api_version: expect.any(String),
    livemode: false,
    object: 'sub_1',
    customer: 'cus_1',
    created: new Date('2026-01-01T00:00:00Z'),
    payload: eventBody(fields),
    quarantine: null,
  });
  expect(read({ object: { id: 'cus_2', object: 'customer' } })).toMatchObject({ object: 'cus_2', customer: 'cus_2' });
  expect(read({ object: { object: 'balance' }, api_version: null })).toMatchObject({
    object: null,
    customer: null,
    api_version: null,
    quarantine: null,
  });
});

test.each([
  [true, false, 'a live event in a test deployment'],
  [false, true, 'a test event in a live deployment'],
])('an event of the other mode is kept aside (%s in %s)', (livemode, deployment, quarantine) => {
  expect(read({ livemode }, deployment)).toMatchObject({ id: 'evt_1', quarantine });
});

test.each<[string, object]>([
  ['id', { id: 'evt_\0' }],
  ['type', { type: 'a\0b' }],
  ['version', { api_version: '\0' }],
])('a NUL that JSON spells in the %s is kept aside: PostgreSQL would refuse it, and its whole group', (_, over) => {
  const envelope = read(over);
  expect(envelope).toMatchObject({ type: 'unreadable', quarantine: expect.stringContaining('not an event') });
  expect(envelope.id).toMatch(/^raw_[0-9a-f]{64}$/);
});

test('one in what is only for looking things up is left out', () => {
  expect(read({ object: { id: 'x\0', customer: '\0' } })).toMatchObject({
    object: null,
    customer: null,
    quarantine: null,
  });
});
