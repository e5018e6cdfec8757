import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

let api: ApiApp;
beforeAll(async () => {
  api = await startApiApp();
});
afterAll(() => api.close());

test('every fault of a body is named by its JSON pointer, unknown fields too', async () => {
  const body = { amount: 0, lines: [{ 'a/b~c': 1, extra: true }], colour: 'red', size: 'L' };
  const answer = await api.call('POST', '/v1/things', { body });
  expect(answer.json).toMatchObject({ status: 422, code: 'invalid_input' });
  expect(answer.json['errors']).toEqual([
    { pointer: '/name', detail: expect.stringContaining('expected string') },
    { pointer: '/amount', detail: expect.stringContaining('>=1') },
    { pointer: '/lines/0/a~1b~0c', detail: expect.stringContaining('expected string') },
    { pointer: '/lines/0/extra', detail: 'Unknown field.' },
    { pointer: '/colour', detail: 'Unknown field.' },
    { pointer: '/size', detail: 'Unknown field.' },
  ]);
});

test('no body at all is a fault of the whole document', async () => {
  const answer = await api.call('POST', '/v1/things');
  expect(answer.json).toMatchObject({ status: 422, errors: [{ pointer: '' }] });
});

test('parameters of query and path are named as they are', async () => {
  const query = await api.call('GET', '/v1/things?limit=500&page=2');
  expect(query.json).toMatchObject({
    status: 422,
    errors: [{ pointer: 'limit' }, { pointer: 'page', detail: 'Unknown field.' }],
  });
  const path = await api.call('GET', '/v1/things/cus_1');
  expect(path.json).toMatchObject({ status: 422, errors: [{ pointer: 'id', detail: 'Is no id of a thing.' }] });
});

test('what a schema coerces and defaults arrives', async () => {
  expect((await api.call('GET', '/v1/things')).json).toEqual({ limit: 10 });
  expect((await api.call('GET', '/v1/things?limit=3')).json).toEqual({ limit: 3 });
});
