import type { DomainEventDraft } from '../events/domain-events.js';
import type { AccessState } from './access.entity.js';

export interface AccessDiff {
  granted: string[];
  revoked: string[];
  /** Allowed before and after, with another value. */
  changed: string[];
}

/** @param before null: nothing was derived until now, which is the same as no access. */
export function diffAccess(before: AccessState | null, after: AccessState): AccessDiff {
  const was = (feature: string) => before?.entitlements[feature];
  const is = (feature: string) => after.entitlements[feature];
  const features = [...new Set([...Object.keys(after.entitlements), ...Object.keys(before?.entitlements ?? {})])];
  return {
    granted: features.filter((feature) => is(feature)?.allowed && !was(feature)?.allowed),
    revoked: features.filter((feature) => was(feature)?.allowed && !is(feature)?.allowed),
    changed: features.filter(
      (feature) => was(feature)?.allowed && is(feature)?.allowed && was(feature)?.value !== is(feature)?.value,
    ),
  };
}

export function isEmpty({ granted, revoked, changed }: AccessDiff): boolean {
  return granted.length + revoked.length + changed.length === 0;
}

/** Whether some answer has another reason now. */
export function hasOtherRules(before: AccessState, after: AccessState): boolean {
  return rulesOf(before) !== rulesOf(after);
}

function rulesOf({ entitlements, summary }: AccessState): string {
  return JSON.stringify([summary.rule, ...Object.values(entitlements).map(({ why }) => [why.rule, why.subscription])]);
}

export function accessChanged(
  customer: string,
  diff: AccessDiff,
  { summary }: AccessState,
  at: Date,
  cause: string | null,
): DomainEventDraft {
  const { rule, text, subscription } = summary;
  return {
    type: 'access.changed',
    customer,
    object: customer,
    data: { ...diff, rule, text, subscription },
    occurred_at: at,
    cause,
  };
}
