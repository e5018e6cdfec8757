import { PgBoss } from 'pg-boss';

/**
 * Rows of jobs come and go by the thousand while their number stays small, so a share of it says nothing. Statistics from
 * when there were few lead to plans that read a queue whole for each batch (seen: 16 ms for what takes 4).
 */
const AUTOVACUUM = `alter table pgboss.job_common set (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)`;

/** Installs or updates pg-boss's own schema, so that running processes never need the right to. */
export async function installJobs(url: string): Promise<void> {
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false, max: 1 });
  let failure: unknown;
  boss.on('error', (error) => (failure = error));
  await boss.start();
  await boss.getDb().executeSql(AUTOVACUUM);
  await boss.stop({ graceful: false });
  if (failure) throw failure;
}
