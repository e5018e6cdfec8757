/**
 * The moments between two steps of which a crash may leave one done and the other not. `test/faults/failpoints.test.ts` has
 * a way to each of them, kills the process there, and sees what becomes of it.
 */
export const failpoints = {
  'migration.locked': 'this process alone may migrate, and has not',
  'migration.applied': "our tables are up to date, the jobs' are not",
  'recovery.freed': 'what a dead process had in hand is free, and nothing of it is taken up',
  'inbox.received': 'an event has come and is genuine, nothing is stored',
  'inbox.stored': 'events are committed, and not acknowledged',
  'projection.claimed': 'a batch is locked, nothing is decided',
  'projection.written': 'all that follows from a batch is written, and not committed',
  'projection.committed': 'a batch is committed, what was in doubt is not asked for',
  'refetch.answered': 'Stripe has said what an object is now, nothing is written',
  'refetch.written': 'an object is as Stripe says, the events that left it in doubt are not handled',
  'request.claimed': "an API request's Idempotency-Key is taken, nothing has begun",
  'request.done': 'what an API request asked for is done, its answer is not kept',
  'request.kept': "an API request's answer is kept, and not sent",
  'command.recorded': 'a command is written down, Stripe does not know of it',
  'command.answered': 'Stripe has done as it was told, and nothing here knows of it',
  'command.written': "a command's result is mirrored, the command is not ended",
  'listener.heard': 'a listener has done its work, and it is not committed',
  'job.done': "a job's or listener's work is committed, the job is not ended",
  'due.taken': 'what has fallen due has become jobs, and it is not committed',
  'email.begun': 'an e-mail is about to be sent',
  'email.accepted': 'the mail server has an e-mail, and it is not recorded',
  'delivery.answered': 'a receiver has an outbound webhook, and it is not recorded',
  'reconciliation.paged': "a page of Stripe's list is compared, the next is not asked for",
  'reconciliation.found': 'differences are recorded, and not repaired',
  'reconciliation.repaired': 'differences are repaired, the run has not gone on',
  'replay.brought': 'a slice of old events is brought again, the replay has not gone on',
} as const;

export type Failpoint = keyof typeof failpoints;

export interface Arming {
  name: Failpoint;
  /** The how-manieth time that it comes by. */
  passing: number;
}

let armed: Arming | null = null;

/** From that passing on the process is gone, as by `kill -9`. `readEnv` sees to it that no production is ever armed. */
export function arm(arming: Arming | null): void {
  armed = arming && { ...arming };
}

/** Marks the moment in the code. Not armed it costs a comparison. */
export function failpoint(name: Failpoint): void {
  if (armed === null || armed.name !== name || --armed.passing > 0) return;
  process.kill(process.pid, 'SIGKILL');
}
