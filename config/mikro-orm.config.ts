import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { prepareRepeated } from '../src/database/prepared-statements.js';
import { releaseStranded } from '../src/database/stranded-connections.js';
import { entities } from './entities.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function watchOver(pool: Pool): void {
  releaseStranded(pool);
  prepareRepeated(pool);
}

/** MikroORM's options for one database; everything but the URL is the same in production, in tests and for its CLI. */
export function ormConfig(clientUrl: string) {
  return defineConfig({
    clientUrl,
    driverOptions: { connectionTimeoutMillis: 10_000, keepAlive: true, onPoolCreated: watchOver },
    entities,
    metadataProvider: ReflectMetadataProvider,
    extensions: [Migrator],
    // `root` is dist at run time and the project in jest; TypeScript's files are the ones that `migration:create` writes.
    migrations: {
      path: join(root, 'migrations'),
      pathTs: 'migrations',
      snapshotName: '.snapshot',
      // What a running server finds in its database is no source: `migration:create` alone writes the snapshot.
      snapshotOnMigrate: false,
      glob: '!(*.d).{js,ts}',
      emit: 'ts',
      silent: true,
    },
    preferTs: false,
    forceUtcTimezone: true,
  });
}

/** For MikroORM's CLI (`npm run migration:create`, `npm run check`). */
export default () => ormConfig(process.env['DATABASE_URL'] ?? 'postgresql://127.0.0.1:5432/good_standing');
