import type { World } from './world.js';

interface Left extends Record<string, unknown> {
  what: string;
}

/** What is still to be done, or was given up without a fault that explains it. */
export async function pendingWork(world: World): Promise<string[]> {
  const left = await world.database.query<Left>(`
    select format('the event %s (%s) is %s: %s', id, type, status, coalesce(error, 'no error')) as what
      from inbound_events where status <> 'handled'
    union all
    select format('a job %s is in state %s: %s', name, state, data) from pgboss.job
      where state in ('created', 'retry', 'active') and name <> 'dead_letters'
    union all
    select format('the command %s (%s) was begun and never ended', id, kind) from operations where status = 'started'
    union all
    select format('the e-mail %s (%s) is queued', id, effect) from emails
      where status = 'queued' and not exists (select from due where job = 'email.send' and key = emails.id)
    union all
    select format('the outbound webhook %s (%s) is pending after %s attempts: %s', id, event_type, attempts, last_error)
      from webhook_deliveries where status = 'pending'
    union all
    select format('the reconciliation %s (%s) is running', id, kind) from reconciliations where status = 'running'
    union all
    select format('what was due at %s (%s, %s) was not done', due_at, job, key) from due where due_at <= '${world.now.toISOString()}'`);
  return [...left.map(({ what }) => what), ...world.app.failures, ...(await unexplainedDeadLetters(world))];
}

/** A fault may end work that is taken up again by itself; any other dead letter is lost work until somebody looks. */
async function unexplainedDeadLetters({ database, order }: World): Promise<string[]> {
  const explained = [
    ...(order.faults.includes('smtp') ? ['email.send'] : []),
    // The next slot of the schedule does it again.
    ...(order.faults.includes('stripe') || order.faults.includes('database') || order.faults.includes('kill')
      ? ['reconciliation.run', 'reconciliation.find_missed_events', 'reconciliation.sweep_objects', 'operation.resume']
      : []),
  ];
  const rows = await database.query<{ source: string; data: object; output: object }>(
    `select coalesce(source_name, name) as source, data, output from pgboss.job
     where name = 'dead_letters' and not coalesce(source_name, name) = any($1::text[])`,
    [explained],
  );
  return rows.map(
    ({ source, data, output }) => `a dead letter of ${source}: ${JSON.stringify(data)} after ${JSON.stringify(output)}`,
  );
}
