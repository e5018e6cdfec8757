import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { anyPort } from '../../src/database/free-port.js';
import { Place } from './place.js';
import { copyOfProject } from './project.js';

jest.setTimeout(300_000);

let place: Place;

beforeEach(async () => {
  place = await Place.make();
});

afterEach(async () => {
  await place.clear();
});

test('ports that are in use: a line for each, before anything is started', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  try {
    const address = holder.address();
    const port = String(typeof address === 'object' && address !== null ? address.port : 0);
    const server = place.spawn({ env: { PORT: port, SANDBOX_PORT: port } });
    expect(await server.exit()).toBe(1);
    expect(server.stderr.trim().split('\n')).toEqual([
      'Good Standing does not start:',
      `PORT: port ${port} is in use. Stop what uses it, or set PORT to another one (0 is any free one).`,
      `SANDBOX_PORT: port ${port} is in use. Stop what uses it, or set SANDBOX_PORT to another one (0 is any free one).`,
    ]);
    expect(server.stdout).toBe('');
    expect(await readdir(place.folder)).toEqual([]);
  } finally {
    holder.close();
  }
});

test('a second server on the same data says that the first one has it', async () => {
  const first = await place.start();
  const second = place.spawn({ env: { PORT: '0', SANDBOX_PORT: '0' } });
  expect(await second.exit()).toBe(1);
  expect(second.stderr.trim().split('\n')).toEqual([
    'Good Standing does not start:',
    expect.stringContaining('Another sandbox uses it: stop that one'),
  ]);
  expect((await first.api.get('/v1/customers')).status).toBe(200);
  expect(await first.stop()).toBe(0);
  expect(await place.processes()).toEqual([]);
});

test('a bad environment: each fault in a line, and no secret among them', async () => {
  const server = place.spawn({
    env: { PORT: 'eighty', STRIPE_SECRET_KEY: 'pk_test_1234567890', DATABASE_URL: 'mysql://root:hunter2@localhost/x' },
  });
  expect(await server.exit()).toBe(1);
  const lines = server.stderr.trim().split('\n');
  expect(lines[0]).toBe('Good Standing does not start:');
  expect(lines.slice(1).map((line) => line.split(':')[0])).toEqual(['PORT', 'DATABASE_URL', 'STRIPE_SECRET_KEY']);
  expect(server.stderr).not.toMatch(/hunter2|1234567890/);
  expect(server.stdout).toBe('');
});

test('a database that cannot be reached is told as a fault of DATABASE_URL', async () => {
  const url = `postgres://somebody:hunter2@127.0.0.1:${await anyPort()}/nothing`;
  const server = place.spawn({ env: { DATABASE_URL: url } });
  expect(await server.exit()).toBe(1);
  expect(server.stderr).toMatch(/^Good Standing does not start:\nDATABASE_URL: .*ECONNREFUSED.*\n$/);
  expect(server.stderr).not.toContain('hunter2');
});

test('a fault in catalog.yaml is named by file, line and column', async () => {
  const project = await copyOfProject(place.folder);
  const file = join(project, 'config/catalog.yaml');
  const text = await readFile(file, 'utf8');
  const line = text.split('\n').findIndex((row) => row.includes('amount: 900 ')) + 1;
  await writeFile(file, text.replace('amount: 900 ', 'amount: 9.5 '));
  const server = place.spawn({ project });
  expect(await server.exit()).toBe(1);
  expect(server.stderr).toMatch(
    new RegExp(`^Good Standing does not start:\nconfig/catalog\\.yaml:${line}:\\d+ .*amount.*\n$`),
  );
  expect(await place.processes()).toEqual([]);
});
