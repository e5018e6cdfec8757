import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { query } from '../support/query.js';

let dataDir: string;
let started: EmbeddedPostgres[];
const settings = { fsync: 'off', full_page_writes: 'off' };

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'good-standing-embedded-'));
  started = [];
});

afterEach(async () => {
  for (const server of started) await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(options: { port?: number } = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, settings, ...options });
  started.push(server);
  return server;
}

/** Runs what a deployment runs (dist) in a process of its own, and gives its server's URL. */
async function startInChild(): Promise<{ url: string; kill(): Promise<void> }> {
  const module = new URL('../../dist/src/database/embedded-postgres.js', import.meta.url).href;
  const script = `
    const { startEmbeddedPostgres } = await import('${module}');
    const server = await startEmbeddedPostgres(${JSON.stringify({ dataDir, settings })});
    console.log(server.url);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [url] = await Promise.race([once(lines, 'line'), once(lines, 'close')]);
  if (typeof url !== 'string') throw new Error('the child ended without a server; what it said stands above');
  return {
    url,
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

const postmasterPid = () => join(dataDir, 'postgres', 'data', 'postmaster.pid');
const pidOfServer = async () => Number((await readFile(postmasterPid(), 'utf8')).split('\n')[0]);

test('starts on loopback alone, asks for the password, and keeps data and port over a restart', async () => {
  const first = await start();
  expect(first.adopted).toBe(false);
  await query(first.url, `create table kept as select 'ä' as letter`);
  const shown = await query(
    first.url,
    `select name, setting from pg_settings
     where name in ('listen_addresses', 'unix_socket_directories', 'server_encoding', 'fsync', 'TimeZone')`,
  );
  expect(Object.fromEntries(shown.map((row) => [row['name'], row['setting']]))).toEqual({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    server_encoding: 'UTF8',
    fsync: 'off',
    TimeZone: 'UTC',
  });
  await expect(query(first.url.replace(/:[0-9a-f]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
  expect((await stat(join(dataDir, 'postgres', 'password'))).mode & 0o777).toBe(0o600);
  await first.stop();
  await expect(query(first.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });

  const second = await start();
  expect(second).toMatchObject({ adopted: false, url: first.url, port: first.port });
  expect(await query(second.url, 'select letter from kept')).toEqual([{ letter: 'ä' }]);
  expect(await readdir(dataDir)).toEqual(['postgres']);
});

test('takes over the server of a killed process', async () => {
  const owner = await startInChild();
  await query(owner.url, 'create table kept ()');
  const pid = await pidOfServer();
  await owner.kill();

  const server = await start();
  expect(server).toMatchObject({ adopted: true, url: owner.url });
  expect(await pidOfServer()).toBe(pid);
  await query(server.url, 'select from kept');
  await server.stop();
  await expect(stat(postmasterPid())).rejects.toMatchObject({ code: 'ENOENT' });
});

test('is shared by live processes, and ends with the last of them', async () => {
  const other = await startInChild();
  const ours = await start();
  expect(ours).toMatchObject({ adopted: true, url: other.url });
  await ours.stop();
  expect(await query(other.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);

  await other.kill();
  const last = await start();
  await last.stop();
  await expect(query(last.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('processes that start at once share one server', async () => {
  const [one, other] = await Promise.all([startInChild(), start()]);
  expect(other.url).toBe(one.url);
  await one.kill();
});

test('starts although a killed server has left its lock behind', async () => {
  const first = await start();
  await query(first.url, 'create table kept (); checkpoint');
  process.kill(await pidOfServer(), 'SIGKILL');

  const second = await startInChild();
  await query(second.url, 'select from kept');
  await first.stop();
  expect(await query(second.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
  await second.kill();
  await start();
});

test('starts although the pid in the lock belongs to somebody else by now', async () => {
  const first = await start();
  const lock = await readFile(postmasterPid(), 'utf8');
  await first.stop();
  // PostgreSQL minds only processes of its own user, which is not ours when root runs this.
  const { uid, gid } = await stat(join(dataDir, 'postgres', 'data'));
  const stranger = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'], uid, gid });
  try {
    await writeFile(postmasterPid(), lock.replace(/^\d+/, String(stranger.pid)));
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
    expect(stranger.exitCode).toBeNull();
  } finally {
    stranger.kill();
  }
});

test('a taken port is given up when it was only remembered, and a clear fault when it was asked for', async () => {
  const first = await start();
  await first.stop();
  const holder = createServer().listen(first.port, '127.0.0.1');
  await once(holder, 'listening');
  try {
    await expect(start({ port: first.port })).rejects.toThrow(
      new RegExp(`port ${first.port} of 127.0.0.1 is taken[^]*DATABASE_URL`),
    );
    expect((await start()).port).not.toBe(first.port);
  } finally {
    holder.close();
  }
});

test('says what the server said when it cannot start', async () => {
  const failing = startEmbeddedPostgres({ dataDir, settings: { ...settings, shared_buffers: 'plenty' } });
  await expect(failing).rejects.toThrow(
    /did not start[^]*invalid value for parameter "shared_buffers"[^]*DATABASE_URL/,
  );
});
