import type { PoliciesFile } from './policies-file.js';
import { graceEnd } from './grace.js';
import type { Rule } from './rules.js';
import { onDay, plainMoney } from './sentences.js';

/** An invoice that was finalized and is still to be paid. */
export interface OpenInvoice {
  id: string;
  finalized_at: Date;
  next_payment_attempt: Date | null;
  /** Integer, minor units of `currency`. */
  amount_remaining: number;
  currency: string;
}

/** What of a subscription decides about access. */
export interface SubscriptionFacts {
  id: string;
  /** As at Stripe: incomplete, incomplete_expired, trialing, active, past_due, canceled, unpaid, paused. */
  status: string;
  /** Of each item; null: the price belongs to no plan. */
  plans: Array<string | null>;
  current_period_start: Date;
  current_period_end: Date;
  trial_end: Date | null;
  cancel_at: Date | null;
  ended_at: Date | null;
  cancellation_reason: string | null;
  created: Date;
  /** What brought it into this state: a Stripe event, an operation, a reconciliation. */
  cause: string | null;
  open_invoices: OpenInvoice[];
}

/** What one subscription gives, whatever its plan. */
export interface Verdict {
  rule: Rule;
  granted: boolean;
  text: string;
  until: Date | null;
  /** Moments at which this verdict may become another one. */
  turns: Date[];
}

type Access = PoliciesFile['access'];

/** What a subscription in this state gives at `now`, by the policies. */
export function verdictOn(subscription: SubscriptionFacts, access: Access, now: Date): Verdict {
  const { status, cancel_at } = subscription;
  if (status === 'canceled') return ended('canceled', canceledText(subscription));
  if (status === 'incomplete_expired')
    return ended('incomplete_expired', 'The first payment never came, so the subscription expired.');
  // Stripe's own event is on its way; what was promised until this moment ends with it.
  if (cancel_at && cancel_at <= now)
    return ended('canceled', `The subscription ended on ${onDay(cancel_at)}, as was scheduled.`);
  const verdict = verdictOnStatus(subscription, access, now);
  return cancel_at ? limitedBy(cancel_at, verdict) : verdict;
}

function verdictOnStatus(subscription: SubscriptionFacts, access: Access, now: Date): Verdict {
  const { status, trial_end, current_period_end } = subscription;
  switch (status) {
    case 'active':
      return lasting('paid', true, `Paid until ${onDay(current_period_end)}.`, current_period_end);
    case 'trialing': {
      const end = trial_end ?? current_period_end;
      const denied = access.trialing === 'deny' ? '; the policy gives no access before it ends' : '';
      return lasting('trial', access.trialing === 'allow', `In trial until ${onDay(end)}${denied}.`, end);
    }
    case 'past_due':
      return inGrace(subscription, access, now);
    case 'unpaid':
      return byPolicy('unpaid', access.unpaid, 'The payment failed and is no longer retried.');
    case 'paused':
      return byPolicy(
        'paused',
        access.paused,
        'The trial ended without a payment method, so the subscription is paused.',
      );
    case 'incomplete':
      return byPolicy('incomplete', access.incomplete, 'The first payment has not come yet.');
    default:
      return lasting(
        'unknown_status',
        false,
        `Stripe calls the subscription '${status}', which no policy speaks of.`,
        null,
      );
  }
}

/** The oldest unpaid invoice counts: a newer one that fails as well must not give grace anew. */
function inGrace(subscription: SubscriptionFacts, access: Access, now: Date): Verdict {
  const { open_invoices, current_period_start, cancel_at } = subscription;
  const oldest = open_invoices.toSorted(
    (a, b) => a.finalized_at.getTime() - b.finalized_at.getTime() || compare(a.id, b.id),
  )[0];
  // The invoice may arrive after the subscription's new status; it is finalized at the earliest when its period begins.
  const since = oldest?.finalized_at ?? current_period_start;
  const end = graceEnd(since, { access });
  const amount = oldest ? ` of ${plainMoney(oldest.amount_remaining, oldest.currency)}` : '';
  const failed = `Payment${amount} failed on ${onDay(since)}`;
  if (end <= now) return lasting('grace_ended', false, `${failed}; access ended on ${onDay(end)}.`, null);
  if (cancel_at && cancel_at < end)
    return grace(`${failed}; access stays until ${onDay(cancel_at)}, when the subscription ends.`, cancel_at);
  if (oldest?.next_payment_attempt)
    return grace(`${failed}; access stays until ${onDay(end)} while it is retried.`, end);
  return grace(`${failed}; access ends on ${onDay(end)} unless it is paid before.`, end);
}

function grace(text: string, until: Date): Verdict {
  return { rule: 'grace', granted: true, text, until, turns: [until] };
}

/** A scheduled end comes on top of everything else. */
function limitedBy(cancel_at: Date, verdict: Verdict): Verdict {
  const turns = [...verdict.turns, cancel_at];
  if (!verdict.granted || verdict.rule === 'grace') return { ...verdict, turns };
  return {
    ...verdict,
    rule: 'cancels_at_period_end',
    text: `Canceled; access stays until ${onDay(cancel_at)}.`,
    until: cancel_at,
    turns,
  };
}

function canceledText({ cancellation_reason, ended_at }: SubscriptionFacts): string {
  const on = ended_at ? ` on ${onDay(ended_at)}` : '';
  const because = cancellation_reason === 'payment_failed' ? ' because its payment failed' : '';
  return `The subscription was canceled${on}${because}.`;
}

function byPolicy(rule: Rule, decision: 'allow' | 'deny', text: string): Verdict {
  return lasting(
    rule,
    decision === 'allow',
    decision === 'allow' ? `${text} The policy lets access stay.` : text,
    null,
  );
}

function ended(rule: Rule, text: string): Verdict {
  return lasting(rule, false, text, null);
}

function lasting(rule: Rule, granted: boolean, text: string, until: Date | null): Verdict {
  return { rule, granted, text, until, turns: [] };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
