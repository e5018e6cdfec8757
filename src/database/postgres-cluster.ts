import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, chmod, chown, mkdir, readFile, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PostgresDidNotStart } from './embedded-postgres.errors.js';
import type { PostgresRunner } from './postgres-runner.js';
import { isAlive } from './postmaster-pid.js';

const INITDB_LIMIT_MS = 60_000;
const OWN_SETTINGS = 'good-standing.conf';

/** Everything of one embedded server on disk. */
export interface PostgresCluster {
  data: string;
  log: string;
  password: string;
}

/**
 * The cluster below the runner's folder, made by initdb if there is none. It is made aside and renamed when whole, so
 * that a process killed half way, or two starting at once, leave one sound cluster.
 * @throws PostgresProgramFailed, PostgresDidNotStart
 */
export async function openCluster(runner: PostgresRunner, settings: Record<string, string>): Promise<PostgresCluster> {
  const home = join(runner.folder, 'postgres');
  if (!existsSync(home)) await createCluster(runner, home, settings);
  try {
    const data = await realpath(join(home, 'data'));
    return { data, log: join(home, 'server.log'), password: await readFile(join(home, 'password'), 'utf8') };
  } catch (error) {
    const reason = `its files cannot be read (do they belong to another user?): ${String(error)}`;
    throw new PostgresDidNotStart(reason, home, '');
  }
}

async function createCluster(runner: PostgresRunner, home: string, settings: Record<string, string>): Promise<void> {
  const unfinished = `${home}.new-${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const passwordFile = join(unfinished, 'password');
  await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  if (runner.account !== null) {
    for (const path of [unfinished, passwordFile]) await chown(path, runner.account.uid, runner.account.gid);
  }
  const data = join(unfinished, 'data');
  // Encoding and order of text must not depend on the machine's locale: a moved data folder would have broken indexes.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = ['--username=good_standing', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const sync = settings['fsync'] === 'off' ? ['--no-sync'] : [];
  await runner.run('initdb', ['-D', data, ...login, ...locale, ...sync, '--no-instructions'], INITDB_LIMIT_MS);
  await appendFile(join(data, 'postgresql.conf'), `\ninclude '${OWN_SETTINGS}'\n`);
  await rename(unfinished, home).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  });
  await removeUnfinished(runner.folder);
}

/** Those that killed processes have left; a live one may just be making its own. */
async function removeUnfinished(folder: string): Promise<void> {
  const prefix = 'postgres.new-';
  for (const name of await readdir(folder)) {
    const leftBehind = name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length)));
    if (leftBehind) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The port this cluster had last time, so that a person's `psql` line stays true; null before the first start. */
export async function rememberedPort(cluster: PostgresCluster): Promise<number | null> {
  const text = await readFile(join(cluster.data, OWN_SETTINGS), 'utf8').catch(() => '');
  const found = /^port = '(\d+)'$/m.exec(text);
  return found === null ? null : Number(found[1]);
}

/**
 * Own settings have a file of their own: a command line would have to be quoted for each platform's shell. Renamed into
 * place, because a server may be reading it.
 */
export async function writeSettings(cluster: PostgresCluster, settings: Record<string, string>): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  const unfinished = join(cluster.data, `${OWN_SETTINGS}.${process.pid}`);
  await writeFile(unfinished, lines.join(''));
  await chmod(unfinished, 0o644);
  await rename(unfinished, join(cluster.data, OWN_SETTINGS));
}
