// Starts the built server as a person would, on free ports and data of its own; calls it; stops it as Ctrl-C does; starts it
// again and finds what was there. Prints what the server said only when something is wrong.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;

const folder = await mkdtemp(join(tmpdir(), 'good-standing-smoke-'));
const key = `gs_${'smoke'.repeat(8)}`;
const [port, sandboxPort] = [await freePort(), await freePort()];
const url = `http://127.0.0.1:${port}`;
let server;
let said = '';

try {
  const first = await start();
  const created = await call('POST', '/v1/customers', { external_id: 'smoke', email: 'smoke@example.com' });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  const access = await call('GET', '/v1/access/check?customer=smoke&feature=api_access');
  assert.equal(access.body.allowed, false);
  assert.equal((await fetch(`${url}/v1/customers`)).status, 401);
  assert.equal((await fetch(`${url}/openapi.json`)).status, 200);
  await stop('SIGINT');

  const second = await start();
  assert.equal((await call('GET', '/v1/customers/smoke')).body.id, created.body.id);
  await stop('SIGTERM');
  console.log(`ready after ${first} ms the first time, ${second} ms the second; stopped cleanly both times`);
} catch (error) {
  console.error(said);
  throw error;
} finally {
  // In good order if that is still possible: a killed server leaves its PostgreSQL behind.
  await stop('SIGTERM').catch(() => server.kill('SIGKILL'));
  await rm(folder, { recursive: true, force: true });
}

/** In milliseconds, until it is ready. */
async function start() {
  const begun = performance.now();
  server = spawn(process.execPath, ['dist/src/main.js', '--empty'], {
    // Nothing of the caller's environment: a DATABASE_URL or a Stripe key would make it another test.
    env: {
      PATH: process.env.PATH,
      DATA_DIR: folder,
      PORT: String(port),
      SANDBOX_PORT: String(sandboxPort),
      BOOTSTRAP_API_KEY: key,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const output of [server.stdout, server.stderr]) output.on('data', (text) => (said += text));
  while (!(await ready())) {
    assert.equal(server.exitCode, null, 'the server ended before it was ready');
    assert.ok(performance.now() - begun < START_LIMIT_MS, 'the server is not ready after a minute');
    await wait(50);
  }
  return Math.round(performance.now() - begun);
}

async function ready() {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false;
  }
}

async function stop(signal) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit', { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
  server.kill(signal);
  const [code] = await ended;
  assert.equal(code, 0, `exit code after ${signal}`);
}

async function call(method, path, body) {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address();
  probe.close();
  await once(probe, 'close');
  return free;
}
