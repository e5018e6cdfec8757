// What a house costs that has nothing to do: starts the built server on its embedded PostgreSQL, lets it come to rest, and
// measures both for a minute. Linux only: it reads /proc. `--seconds 60` is how long, `--assert` exits with 1 above the bound.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { anyPort } from '../dist/src/database/free-port.js';

/** Of one core, each. */
const MOST_PERCENT = 1;
const REST_MS = 20_000;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, assert: { type: 'boolean', default: false } },
});
const seconds = Number(values.seconds);
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

const folder = mkdtempSync(join(tmpdir(), 'good-standing-idle-'));
const [port, sandboxPort] = [await anyPort(), await anyPort()];
const server = spawn(process.execPath, ['dist/src/main.js', '--empty'], {
  // Nothing of the caller's environment: it is the house alone that is measured.
  env: { PATH: process.env.PATH, DATA_DIR: folder, PORT: String(port), SANDBOX_PORT: String(sandboxPort) },
  stdio: ['ignore', 'ignore', 'inherit'],
});
try {
  while (!(await isReady())) {
    assert.equal(server.exitCode, null, 'the server ended before it was ready');
    await wait(200);
  }
  await wait(REST_MS);
  const postmaster = Number(readFileSync(join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const before = { app: ticksOf(server.pid), postgres: ticksOf(postmaster), at: performance.now() };
  await wait(seconds * 1000);
  const passed = (performance.now() - before.at) / 1000;
  const percent = (now, then) => Number((((now - then) / ticksPerSecond / passed) * 100).toFixed(2));
  const figures = {
    seconds: Math.round(passed),
    app_percent: percent(ticksOf(server.pid), before.app),
    postgres_percent: percent(ticksOf(postmaster), before.postgres),
    app_megabytes: residentMegabytes(server.pid),
  };
  console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} cores; Node ${process.version}`);
  console.log(
    `idle for ${figures.seconds} s: the app ${figures.app_percent} % of a core, PostgreSQL ${figures.postgres_percent} %`,
  );
  console.log(JSON.stringify(figures));
  const worst = Math.max(figures.app_percent, figures.postgres_percent);
  if (values.assert && worst >= MOST_PERCENT) process.exitCode = 1;
} finally {
  if (server.exitCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
}

async function isReady() {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok;
  } catch {
    return false;
  }
}

/** CPU time of a process, of its children, and of those that ended: PostgreSQL has one for each connection. */
function ticksOf(pid) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(statOf);
  const mine = all.filter((stat) => stat && (stat.pid === pid || (stat.parent === pid && pid !== server.pid)));
  return mine.reduce((sum, { own, ended }) => sum + own + ended, 0);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statOf(name) {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which may hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { pid: Number(name), parent: fields[1], own: fields[11] + fields[12], ended: fields[13] + fields[14] };
  } catch {
    return null;
  }
}

function residentMegabytes(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
