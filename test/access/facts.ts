import { parseCatalog } from '../../src/catalog/catalog-file.js';
import { Catalog } from '../../src/catalog/catalog.js';
import { parsePolicies } from '../../src/access/policies-file.js';
import type { PoliciesFile } from '../../src/access/policies-file.js';
import type { OpenInvoice, SubscriptionFacts } from '../../src/access/verdict.js';

export const catalog = new Catalog(
  parseCatalog(`
features:
  projects: { type: limit, fallback: allow }
  api_access: { type: boolean, fallback: deny }
  support_level: { type: static, values: [community, email, priority], fallback: deny }
plans:
  starter:
    name: Starter
    group: main
    prices: [{ interval: month, currency: eur, amount: 900 }]
    features: { projects: 3, support_level: community }
  pro:
    name: Pro
    group: main
    trial_days: 14
    prices: [{ interval: month, currency: eur, amount: 4900 }]
    features: { projects: 50, api_access: true, support_level: email }
  business:
    name: Business
    group: main
    prices: [{ interval: month, currency: eur, amount: 19900 }]
    features: { projects: unlimited, api_access: true, support_level: priority }
`),
);

export function policies(access: Partial<PoliciesFile['access']> = {}): PoliciesFile {
  const file = parsePolicies(`
access:
  { trialing: allow, active: allow, past_due: { grace_days: 7 }, unpaid: deny, paused: deny, canceled: deny, incomplete: deny, incomplete_expired: deny }
answers: { stale_for_minutes: 60 }
dunning: { reminders: [] }
`);
  return { ...file, access: { ...file.access, ...access } };
}

export const at = (text: string) => new Date(text.includes('T') ? text : `${text}T00:00:00Z`);

export function subscription(facts: Partial<SubscriptionFacts> = {}): SubscriptionFacts {
  return {
    id: 'sub_1',
    status: 'active',
    plans: ['pro'],
    current_period_start: at('2027-03-03'),
    current_period_end: at('2027-04-03'),
    trial_end: null,
    cancel_at: null,
    ended_at: null,
    cancellation_reason: null,
    created: at('2027-01-03'),
    cause: 'evt_1',
    open_invoices: [],
    ...facts,
  };
}

export function openInvoice(facts: Partial<OpenInvoice> = {}): OpenInvoice {
  return {
    id: 'in_1',
    finalized_at: at('2027-03-03T01:00:00Z'),
    next_payment_attempt: at('2027-03-06'),
    amount_remaining: 4900,
    currency: 'eur',
    ...facts,
  };
}
