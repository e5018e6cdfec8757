import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { ormConfig } from '../../config/mikro-orm.config.js';
import { failpoint } from '../failpoints/failpoint.js';
import { installJobs } from '../jobs/install-jobs.js';
import { CannotStart, reasonOf } from './explain.js';

/** Any constant will do, as long as every replica uses the same. */
const MIGRATION_LOCK = 7_310_001;

/**
 * Brings the database's schema up to date. Replicas that start at once wait for each other on an advisory lock.
 * @returns the names of the migrations that were applied. @throws CannotStart when there is no such database
 */
export async function migrate(url: string): Promise<string[]> {
  const lock = new pg.Client({ connectionString: url, application_name: 'good-standing migrate' });
  await lock.connect().catch((error: unknown) => {
    throw new CannotStart(
      `DATABASE_URL: PostgreSQL does not let us in: ${reasonOf(error)}. Is it running, and is the URL right?`,
      { cause: error },
    );
  });
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    failpoint('migration.locked');
    const orm = await MikroORM.init(ormConfig(url));
    try {
      const done = await orm.migrator.up();
      failpoint('migration.applied');
      await installJobs(url);
      return done.map((migration) => migration.name);
    } finally {
      await orm.close();
    }
  } finally {
    await lock.end();
  }
}
