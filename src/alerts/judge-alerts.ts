import type { Readings } from './alert-readings.js';
import type { AlertName, AlertRules } from './alerts-file.js';

/** An alert that is true now. */
export interface Verdict {
  name: AlertName;
  /** What the alert's limit is compared with. */
  value: number;
  /** What is the matter, for the person who has to act. */
  text: string;
}

/** Which alerts are true, by their rules; a rule that is left out never is. */
export function judgeAlerts(rules: AlertRules, readings: Readings): Verdict[] {
  const { dead_letters, lag, silence, signature_failures, reconciliation } = rules;
  return [
    dead_letters && deadLetters(dead_letters, readings),
    lag && waiting(lag, readings),
    silence && silent(silence, readings),
    signature_failures && refused(signature_failures, readings),
    reconciliation && unusual(reconciliation, readings),
  ].filter((verdict) => verdict !== undefined && verdict !== null);
}

type Rule<N extends AlertName> = NonNullable<AlertRules[N]>;

function deadLetters({ above }: Rule<'dead_letters'>, { dead_events, dead_jobs }: Readings): Verdict | null {
  const value = dead_events + dead_jobs;
  if (value <= above) return null;
  const text = `Given up, and waiting for a person: ${some(dead_events, 'event')} of Stripe's, ${some(dead_jobs, 'job')}.`;
  return { name: 'dead_letters', value, text };
}

function waiting({ above_minutes }: Rule<'lag'>, { event_wait, job_wait }: Readings): Verdict | null {
  const value = Math.max(event_wait, job_wait);
  if (value <= above_minutes * 60) return null;
  const what = event_wait >= job_wait ? "An event of Stripe's that is to be projected" : 'A job that could be done';
  return { name: 'lag', value, text: `${what} has waited for ${some(Math.floor(value / 60), 'minute')}.` };
}

function silent(
  { hours, usual_events }: Rule<'silence'>,
  { hours_since_last_event, usually_busy }: Readings,
): Verdict | null {
  if (hours_since_last_event === null || hours_since_last_event <= hours || !usually_busy) return null;
  const text = `Stripe has sent nothing for ${some(Math.floor(hours_since_last_event), 'hour')}; a week ago and two weeks ago the same ${some(hours, 'hour')} brought at least ${some(usual_events, 'event')}.`;
  return { name: 'silence', value: hours_since_last_event, text };
}

function refused({ above }: Rule<'signature_failures'>, readings: Readings): Verdict | null {
  const value = readings.refused;
  if (value <= above) return null;
  const text = `${some(value, 'delivery')} to the webhook endpoint had a bad signature in the last two hours: somebody else knocks, or STRIPE_WEBHOOK_SECRET is not the endpoint's.`;
  return { name: 'signature_failures', value, text };
}

function unusual({ times_usual, at_least }: Rule<'reconciliation'>, { reconciliations }: Readings): Verdict | null {
  const [worst] = reconciliations
    .filter(({ found, usual }) => found >= at_least && found > times_usual * usual)
    .toSorted((a, b) => b.found - a.found);
  if (!worst) return null;
  const text = `The last reconciliation of ${worst.kind.replace('_', ' ')} found ${some(worst.found, 'difference')} from Stripe; usual are ${worst.usual}.`;
  return { name: 'reconciliation', value: worst.found, text };
}

function some(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ie` : noun}s`;
}
