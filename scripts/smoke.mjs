// Starts the built server as a person would, on free ports and data of its own; calls it; stops it as Ctrl-C does; starts it
// again and finds what was there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const folder = await mkdtemp(join(tmpdir(), 'good-standing-smoke-'));
const key = `gs_${'smoke'.repeat(8)}`;
const [port, sandboxPort] = [await freePort(), await freePort()];
const url = `http://127.0.0.1:${port}`;
let server;

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
} finally {
  server?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

async function start() {
  const begun = performance.now();
  server = spawn(process.execPath, ['dist/src/main.js', '--empty'], {
    env: {
      ...process.env,
      NODE_ENV: '',
      DATABASE_URL: '',
      STRIPE_SECRET_KEY: undefined,
      SMTP_URL: '',
      DATA_DIR: folder,
      PORT: String(port),
      SANDBOX_PORT: String(sandboxPort),
      BOOTSTRAP_API_KEY: key,
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  while (!(await ready())) {
    assert.equal(server.exitCode, null, 'the server ended before it was ready');
    assert.ok(performance.now() - begun < 60_000, 'the server is not ready after a minute');
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
  server.kill(signal);
  const [code] = await once(server, 'exit');
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
