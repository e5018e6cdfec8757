// One PostgreSQL per run, with a template database that is migrated once and cloned per test file (database.ts).
// Config and migrations come from dist: Jest's transforms do not apply here.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const keeperPath = fileURLToPath(new URL('postgres-keeper.mjs', import.meta.url));
const dist = new URL('../../dist/', import.meta.url);

export default async function setUp() {
  // A run of runs (scripts/guards.mjs) makes one for all of them.
  if (process.env.TEST_SERVER_URL !== undefined) return;
  const prefix = `good_standing_test_${randomBytes(6).toString('hex')}_`;
  try {
    const serverUrl = await startServer(prefix);
    await makeTemplate(serverUrl, `${prefix}template`);
    process.env.TEST_SERVER_URL = serverUrl;
    process.env.TEST_DATABASE_PREFIX = prefix;
  } catch (error) {
    // Tests that need no database are not held up; those that do fail with this (see database.ts).
    process.env.TEST_DATABASE_FAULT = `The tests' database could not be made: ${error.stack}`;
    process.stderr.write(`\n${process.env.TEST_DATABASE_FAULT}\n`);
  }
}

async function startServer(prefix) {
  requireBuilt('src/database/embedded-postgres.js');
  requireBuilt('src/boot/migrate.js');
  // Detached: Ctrl-C must not end the keeper before it has cleared up.
  const keeper = spawn(process.execPath, [keeperPath, prefix], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  globalThis.postgresKeeper = keeper;
  const lines = createInterface({ input: keeper.stdout });
  const [line] = await Promise.race([once(lines, 'line'), once(keeper, 'exit')]);
  if (typeof line !== 'string') throw new Error('its server ended at once; what it said stands above');
  return line;
}

function requireBuilt(path) {
  if (!existsSync(new URL(path, dist))) throw new Error(`dist/${path} is missing: run \`npx nest build\` first`);
}

async function makeTemplate(serverUrl, name) {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const { migrate } = await import(new URL('src/boot/migrate.js', dist).href);
    await migrate(url.href);
    await client.query(`alter database ${name} with is_template true allow_connections false`);
  } finally {
    await client.end();
  }
}
