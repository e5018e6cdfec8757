import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** It goes with all others when the run ends: files made right after others were deleted cost ext4 a long search. */
export interface TestDatabase {
  url: string;
}

/** A database of one's own with all migrations applied: once per test file, in `beforeAll`. */
export function cloneDatabase(): Promise<TestDatabase> {
  return createDatabase((prefix) => `template ${prefix}template strategy file_copy`);
}

/** Another one like it, which nobody may be connected to. */
export function copyOf({ url }: TestDatabase): Promise<TestDatabase> {
  return createDatabase(() => `template ${new URL(url).pathname.slice(1)} strategy file_copy`);
}

/** One in which nothing is yet. */
export function emptyDatabase(): Promise<TestDatabase> {
  return createDatabase(() => '');
}

async function createDatabase(options: (prefix: string) => string): Promise<TestDatabase> {
  const { TEST_SERVER_URL: serverUrl, TEST_DATABASE_PREFIX: prefix, TEST_DATABASE_FAULT: fault } = process.env;
  if (serverUrl === undefined || prefix === undefined) throw new Error(fault ?? 'The global setup did not run.');
  const name = `${prefix}${randomBytes(6).toString('hex')}`;
  await createOn(serverUrl, name, options(prefix));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href };
}

async function createOn(serverUrl: string, name: string, options: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`create database ${name} ${options}`);
  } finally {
    await client.end();
  }
}
