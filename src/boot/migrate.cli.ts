import { readEnv } from '../../config/env.js';
import { migrate } from './migrate.js';

const { database } = readEnv(process.env);
if (database.url === null) {
  process.stderr.write('DATABASE_URL is not set: the embedded PostgreSQL is migrated by `npm start`.\n');
  process.exitCode = 1;
} else {
  const done = await migrate(database.url);
  process.stdout.write(done.length > 0 ? `Applied ${done.join(', ')}.\n` : 'The schema is up to date.\n');
}
