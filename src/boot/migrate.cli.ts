import { readEnv } from '../../config/env.js';
import { explain } from './explain.js';
import { migrate } from './migrate.js';

/** Beside running servers, before they are replaced by newer ones. */
async function main(): Promise<number> {
  const { database } = readEnv(process.env);
  if (database.url === null) {
    process.stderr.write('DATABASE_URL is not set: the embedded PostgreSQL is migrated by `npm start`.\n');
    return 1;
  }
  const done = await migrate(database.url);
  process.stdout.write(done.length > 0 ? `Applied ${done.join(', ')}.\n` : 'The schema is up to date.\n');
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
