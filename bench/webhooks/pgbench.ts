import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Databases } from './database.js';
import type { EventsFile } from './events-file.js';

const call = promisify(execFile);

/** Which `pgbench` there is; null: none. It comes with PostgreSQL's client programs, not with the embedded server. */
export async function pgbenchVersion(): Promise<string | null> {
  return call('pgbench', ['--version']).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

/** Single-row inserts of an event's size, without HTTP, signature or JSON: the most that one INSERT each allows. @returns rows a second */
export async function pgbench(
  databases: Databases,
  template: string,
  file: EventsFile,
  connections: number,
  count: number,
): Promise<number> {
  const database = await databases.create(template);
  const script = join(file.path, '..', 'insert.sql');
  const [body = '""'] = (await readFile(file.path, 'utf8')).split('\n', 1);
  // A colon would be a variable of pgbench's.
  const payload = String(JSON.parse(body)).replaceAll(':', ';').replaceAll("'", "''").replaceAll('\n', ' ');
  await writeFile(
    script,
    `insert into events (id, type, created, payload) values (gen_random_uuid()::text, 'customer.subscription.updated', now(), '${payload}');\n`,
  );
  await databases.checkpoint();
  const each = Math.ceil(count / connections);
  const options = ['-n', '-M', 'prepared', '-f', script, '-t', each, '-c', connections, '-j', Math.min(2, connections)];
  const { stdout } = await call('pgbench', [...options.map(String), database.url]);
  await databases.drop(database);
  const rate = /tps = ([\d.]+)/.exec(stdout)?.[1];
  if (rate === undefined) throw new Error(`pgbench said nothing of its rate: ${stdout}`);
  return Number(rate);
}
