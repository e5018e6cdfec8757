import { isDeepStrictEqual } from 'node:util';
import type { Catalog } from '../catalog/catalog.js';
import type { Feature, FeatureValue } from '../catalog/catalog-file.js';
import type { PoliciesFile } from './policies-file.js';
import type { DerivedAccess, Entitlement, Summary, Why } from './entitlement.js';
import { rank, rules } from './rules.js';
import type { Rule, Standing } from './rules.js';
import { verdictOn } from './verdict.js';
import type { SubscriptionFacts, Verdict } from './verdict.js';

export interface AccessInput {
  /** All of this customer's subscriptions, ended ones too. */
  subscriptions: readonly SubscriptionFacts[];
  catalog: Pick<Catalog, 'plans' | 'features'>;
  policies: Pick<PoliciesFile, 'access'>;
  now: Date;
}

/** What one item of a subscription says about one feature. */
interface Offer {
  subscription: SubscriptionFacts;
  verdict: Verdict;
  value: FeatureValue | undefined;
}

type Judged = Omit<Offer, 'value'>;

/**
 * What a customer may use at `now`, and why: a pure function of mirror, catalogue, policies and time, so that the same
 * facts give the same answer whatever happened before and in whatever order it was told. Where several subscriptions give
 * the same feature, the best counts.
 */
export function deriveAccess(input: AccessInput): DerivedAccess {
  const result = accessAt(input, input.now);
  return { ...result, next_change_at: nextChange(input, result) };
}

type AtOneMoment = Omit<DerivedAccess, 'next_change_at'>;

function nextChange(input: AccessInput, result: AtOneMoment): Date | null {
  const turns = input.subscriptions
    .flatMap((subscription) => verdictOn(subscription, input.policies.access, input.now).turns)
    .filter((turn) => turn > input.now)
    .toSorted((a, b) => a.getTime() - b.getTime());
  return turns.find((turn) => !isDeepStrictEqual(accessAt(input, turn), result)) ?? null;
}

function accessAt({ subscriptions, catalog, policies }: AccessInput, now: Date): AtOneMoment {
  const judged = subscriptions
    .map((subscription) => ({ subscription, verdict: judge(subscription, catalog, policies, now) }))
    .toSorted(byMerit);
  const entitlements = [...catalog.features].map(
    ([id, feature]) => [id, entitlementTo(id, feature, judged, catalog)] as const,
  );
  return { entitlements: Object.fromEntries(entitlements), summary: summaryOf(judged[0]) };
}

function judge(
  subscription: SubscriptionFacts,
  catalog: AccessInput['catalog'],
  policies: AccessInput['policies'],
  now: Date,
): Verdict {
  const verdict = verdictOn(subscription, policies.access, now);
  const known = subscription.plans.some((plan) => plan !== null && catalog.plans.has(plan));
  if (known || rules[verdict.rule] === 'none') return verdict;
  const text = 'The subscription gives nothing, because its price belongs to no plan of the catalogue.';
  return { ...verdict, rule: 'unknown_plan', granted: false, text, until: null };
}

function entitlementTo(
  id: string,
  feature: Feature,
  judged: readonly Judged[],
  catalog: AccessInput['catalog'],
): Entitlement {
  const offers = judged.flatMap((entry) =>
    entry.subscription.plans.map((plan): Offer => ({
      ...entry,
      value: plan === null ? undefined : catalog.plans.get(plan)?.features[id],
    })),
  );
  const offering = offers.filter(({ value }) => isWorth(value));
  const given = best(
    feature,
    offering.filter(({ verdict }) => verdict.granted),
  );
  if (given) return { type: feature.type, allowed: true, value: given.value ?? null, why: whyOf(given) };
  const refused = best(feature, offering);
  return {
    type: feature.type,
    allowed: false,
    value: nothingOf(feature),
    why: refused ? whyOf(refused) : whyNot(judged, catalog),
  };
}

/** Of the offers, sorted by merit, the first among those of the highest value. */
function best(feature: Feature, offers: Offer[]): Offer | undefined {
  return offers.toSorted((a, b) => worth(feature, b.value) - worth(feature, a.value))[0];
}

function isWorth(value: FeatureValue | undefined): boolean {
  return value !== undefined && value !== false && value !== 0;
}

function worth(feature: Feature, value: FeatureValue | undefined): number {
  if (feature.type === 'static') return feature.values.indexOf(String(value));
  return value === 'unlimited' ? Infinity : Number(value);
}

function nothingOf(feature: Feature): FeatureValue | null {
  return { boolean: false, limit: 0, static: null }[feature.type];
}

/** No subscription has the feature in its plan; of ended ones it is more to the point that they have ended. */
function whyNot(judged: readonly Judged[], { plans }: AccessInput['catalog']): Why {
  const first = judged[0];
  if (!first) return noSubscription;
  const { rule } = first.verdict;
  if (rules[rule] === 'none' || rule === 'unknown_plan' || rule === 'unknown_status') return whyOf(first);
  const names = [...plans.values()].filter(({ id }) => first.subscription.plans.includes(id)).map(({ name }) => name);
  return { ...whyOf(first), rule: 'not_in_plan', text: `It is not part of ${names.join(' and ')}.`, until: null };
}

function whyOf({ subscription, verdict }: Judged): Why {
  return {
    rule: verdict.rule,
    text: verdict.text,
    subscription: subscription.id,
    status: subscription.status,
    event: subscription.cause,
    until: verdict.until?.toISOString() ?? null,
  };
}

const noSubscription = {
  rule: 'no_subscription',
  text: 'The customer has no subscription.',
  subscription: null,
  status: null,
  event: null,
  until: null,
} as const satisfies Why;

function summaryOf(first: Judged | undefined): Summary {
  const { rule, text, subscription } = first ? whyOf(first) : noSubscription;
  return { rule, text, subscription, standing: standingOf(rule, first?.verdict.granted ?? false) };
}

/** A policy may let access stay where a rule is bad, and deny it where the rule is good. */
function standingOf(rule: Rule, granted: boolean): Standing {
  const standing = rules[rule];
  if (granted) return standing === 'good' ? 'good' : 'at_risk';
  return standing === 'good' ? 'bad' : standing;
}

/** The best first; ties are broken by facts alone, so that the order in which rows come does not matter. */
function byMerit(a: Judged, b: Judged): number {
  return (
    Number(b.verdict.granted) - Number(a.verdict.granted) ||
    rank(a.verdict.rule) - rank(b.verdict.rule) ||
    (b.verdict.until?.getTime() ?? 0) - (a.verdict.until?.getTime() ?? 0) ||
    b.subscription.created.getTime() - a.subscription.created.getTime() ||
    (a.subscription.id < b.subscription.id ? -1 : 1)
  );
}
