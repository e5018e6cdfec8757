import { mkdir, readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresDidNotStart } from './embedded-postgres.errors.js';
import { freePort } from './free-port.js';
import { openCluster, rememberedPort, writeSettings, type PostgresCluster } from './postgres-cluster.js';
import { enterServer, type PostgresPresence } from './postgres-presence.js';
import { postgresRunner, type PostgresRunner } from './postgres-runner.js';
import { lockHolder, readPostmasterPid } from './postmaster-pid.js';

const START_LIMIT_MS = 60_000;
const ANSWER_LIMIT_MS = 15_000;

const BASE_SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Neither failing statements, with people's data in them, nor each checkpoint belong into a log that nobody rotates.
  log_min_messages: 'log',
  log_checkpoints: 'off',
};

/** Another process starts it too, or the children of a killed server are still going: worth another try. */
const PASSING = /lock file "postmaster\.pid" already exists|pre-existing shared memory block|could not bind/;

export interface EmbeddedPostgresOptions {
  /** The server's files go to `<dataDir>/postgres`. */
  dataDir: string;
  /** Left out or 0: the port of last time, or any free one. A server that is adopted keeps the port it has. */
  port?: number;
  log?: (line: object) => void;
  /** Settings of postgresql.conf; a server that is adopted keeps those it has. */
  settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  /** With user, password and the database `good_standing`. */
  url: string;
  port: number;
  /** The server ran already: left behind by a killed process, or shared with a live one. */
  adopted: boolean;
  /** Ends the server, within about 5 s, unless another live process uses it; the last one ends it. */
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL under `dataDir`, on 127.0.0.1 only. The server outlives this process, so that what the app does while it
 * shuts down still finds its database: whoever starts it must call `stop()`. Installs no signal handlers.
 * @throws PostgresBinariesMissing, PostgresProgramFailed, PostgresDidNotStart; all within about a minute
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.dataDir);
  const log = options.log ?? (() => {});
  await mkdir(folder, { recursive: true });
  const runner = await postgresRunner(folder);
  const cluster = await openCluster(runner, options.settings ?? {});

  const running = await findRunning(runner, cluster);
  const presence = running ?? (await launch(runner, cluster, options));
  await presence.ensureDatabase('good_standing');
  const adopted = running !== null;
  log({ msg: 'embedded PostgreSQL is ready', port: presence.port, adopted, data: cluster.data });

  let stopping: Promise<void> | undefined;
  return {
    url: `postgres://good_standing:${cluster.password}@127.0.0.1:${presence.port}/good_standing`,
    port: presence.port,
    adopted,
    stop: () => (stopping ??= leave(runner, cluster, presence, log)),
  };
}

/** A server that already runs in this folder and answers; one that does not answer is ended, a stale lock removed. */
async function findRunning(runner: PostgresRunner, cluster: PostgresCluster): Promise<PostgresPresence | null> {
  const deadline = Date.now() + ANSWER_LIMIT_MS;
  for (;;) {
    const lock = await readPostmasterPid(cluster.data);
    if (lock === null) return null;
    const holder = await lockHolder(cluster.data, lock);
    // The lock of a dead server is left to PostgreSQL, which first makes sure that its children are gone too.
    if (holder === 'stranger') await rm(lock.path, { force: true });
    if (holder !== 'server') return null;
    const presence = await enterServer(cluster, lock.port);
    if (presence !== null) return presence;
    if (Date.now() > deadline) {
      await endServer(runner, cluster);
      return null;
    }
    await sleep(100);
  }
}

async function launch(
  runner: PostgresRunner,
  cluster: PostgresCluster,
  options: EmbeddedPostgresOptions,
): Promise<PostgresPresence> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const port = await choosePort(cluster, options.port ?? 0);
    await writeSettings(cluster, { ...BASE_SETTINGS, ...options.settings, port: String(port) });
    await rm(cluster.log, { force: true }).catch(() => {});
    const failure = await startServer(runner, cluster);
    // Whether it is ours or another process was quicker: what runs in this folder now is the server.
    const presence = await findRunning(runner, cluster);
    if (presence !== null) return presence;
    const output = await readFile(cluster.log, 'utf8').catch(() => failure);
    if (!PASSING.test(output)) throw new PostgresDidNotStart('it ended at once', cluster.data, output);
    if (Date.now() > deadline) throw new PostgresDidNotStart('gave up after 60 s', cluster.data, output);
    await sleep(200);
  }
}

/** @throws PostgresDidNotStart when the port that was asked for is taken */
async function choosePort(cluster: PostgresCluster, wanted: number): Promise<number> {
  const port = (await freePort(wanted || ((await rememberedPort(cluster)) ?? 0))) ?? (await freePort(0));
  if (port === null || (wanted !== 0 && port !== wanted)) {
    throw new PostgresDidNotStart(`port ${wanted} of 127.0.0.1 is taken`, cluster.data, '');
  }
  return port;
}

/** What pg_ctl said if it failed. It gives the server a session of its own: Ctrl-C in the terminal does not reach it. */
async function startServer(runner: PostgresRunner, cluster: PostgresCluster): Promise<string> {
  const args = ['start', '-D', cluster.data, '-l', cluster.log, '-w', '-t', String(START_LIMIT_MS / 1000)];
  return runner.run('pg_ctl', args, START_LIMIT_MS + 5_000).then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

async function leave(
  runner: PostgresRunner,
  cluster: PostgresCluster,
  presence: PostgresPresence,
  log: (line: object) => void,
): Promise<void> {
  const last = await presence.isLast().catch(() => null);
  if (last === true) {
    await endServer(runner, cluster);
    log({ msg: 'embedded PostgreSQL has ended' });
  }
  await presence.leave();
  // The server has gone meanwhile: if another runs in its place, that one is treated as ours was.
  const replacement = last === null ? await findRunning(runner, cluster) : null;
  if (replacement !== null) await leave(runner, cluster, replacement, log);
}

/** First in good order, then at once (the next start recovers from the log), at last by force. */
async function endServer(runner: PostgresRunner, cluster: PostgresCluster): Promise<void> {
  const stop = (mode: string, seconds: number) =>
    runner
      .run('pg_ctl', ['stop', '-D', cluster.data, '-m', mode, '-w', '-t', String(seconds)], (seconds + 1) * 1000)
      .then(() => true)
      .catch(() => false);
  if ((await stop('fast', 3)) || (await stop('immediate', 1))) return;
  const lock = await readPostmasterPid(cluster.data);
  if (lock !== null && (await lockHolder(cluster.data, lock)) === 'server') process.kill(lock.pid, 'SIGKILL');
}
