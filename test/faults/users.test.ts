import { execFile } from 'node:child_process';
import { chown, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Place } from './place.js';
import { copyOfProject, PROJECT } from './project.js';
import type { Server } from './server.js';

jest.setTimeout(300_000);

let place: Place;

beforeEach(async () => {
  place = await Place.make('private/data');
});

afterEach(async () => {
  await place.clear();
});

test('starts below a folder that only its owner may enter, program and data', async () => {
  await mkdir(join(place.folder, 'private'), { mode: 0o700 });
  const project = await copyOfProject(join(place.folder, 'private'), { withPostgres: true });
  const server = await place.start({ project });
  await expectWorking(server);
  const postgres = (await place.processes()).find((line) => line.includes('bin/postgres'));
  expect(postgres).toContain(project);
  expect(await server.stop()).toBe(0);
  expect(await place.processes()).toEqual([]);
});

test('starts as an ordinary user, who then owns all that it has made', async () => {
  const user = await ordinaryUser();
  await chown(place.folder, user.uid, user.gid);
  const server = await place.start({ user });
  await expectWorking(server);
  expect(await server.stop()).toBe(0);
  for (const made of ['development.json', 'sandbox.db', 'postgres/data'])
    expect(await stat(join(place.dataDir, made))).toMatchObject(user);
  expect(await place.processes()).toEqual([]);
});

async function expectWorking(server: Server): Promise<void> {
  expect((await server.api.post('/v1/customers', { external_id: 'ada' })).status).toBe(201);
}

/** Ourselves; root takes the account of nobody, unless that one could not even read the project. */
async function ordinaryUser(): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (uid !== 0 || !(await isOpenToAll(PROJECT))) return { uid, gid };
  const [ofUser, ofGroup] = await Promise.all(['-u', '-g'].map((flag) => promisify(execFile)('id', [flag, 'nobody'])));
  return { uid: Number(ofUser?.stdout), gid: Number(ofGroup?.stdout) };
}

async function isOpenToAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  return (mode & 0o001) !== 0 && (dirname(folder) === folder || isOpenToAll(dirname(folder)));
}
