// Holds the tests' server for as long as its standard input is open. A process of its own, because Jest gives nobody a
// last word when it is interrupted or killed; the end of the pipe does.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../dist/src/database/embedded-postgres.js';

const prefix = process.argv[2];
const server = await (process.env.TEST_DATABASE_URL ? givenServer(process.env.TEST_DATABASE_URL) : ownServer());
process.stdout.write(`${server.url}\n`);
// The pipe to a Jest that is gone must not keep us from clearing up.
process.stdout.on('error', () => {});
process.stdin.on('close', () => void server.stop()).resume();

async function ownServer() {
  const dataDir = await mkdtemp(join(tmpdir(), 'good-standing-test-'));
  const remove = () => rm(dataDir, { recursive: true, force: true });
  // Nothing here has to survive a power cut.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };
  const started = await startEmbeddedPostgres({ dataDir, settings }).catch(async (error) => {
    await remove();
    throw error;
  });
  return { url: started.url, stop: () => started.stop().then(remove) };
}

async function givenServer(url) {
  return { url, stop: () => dropDatabases(url) };
}

/** Those of this run alone: another run may be using the same server. */
async function dropDatabases(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [prefix]);
  for (const { datname } of rows) {
    await client.query(`alter database ${datname} with is_template false`);
    await client.query(`drop database ${datname} with (force)`);
  }
  await client.end();
}
