import { ApiRefusal, PublicApi, SandboxTime } from './public-api.js';

export const SAMPLE_MONTHS = 4;

const GOOD_CARD = 'pm_card_visa';
/** Attaches, then fails whenever it is charged. https://docs.stripe.com/testing#declined-payments */
const FAILING_CARD = 'pm_card_chargeCustomerFail';

interface Act {
  /** Days before now; the samples' story is told forwards. */
  daysAgo: number;
  /** Also the key that makes a repetition harmless. */
  name: string;
  path: string;
  body: object;
}

/** Paths with `{subscription:…}` are filled in with that customer's subscription. */
const acts: Act[] = [
  ...joins('ada', 'Ada Lovelace', 118, { plan: 'pro', interval: 'month', trial_days: 0 }),
  ...joins('alan', 'Alan Turing', 117, { plan: 'business', interval: 'month', trial_days: 0 }),
  ...joins('grace', 'Grace Hopper', 100, { plan: 'pro', interval: 'year', trial_days: 0 }),
  ...joins('edsger', 'Edsger Dijkstra', 95, { plan: 'starter', interval: 'month', trial_days: 0 }),
  cancels('edsger', 70, 'now'),
  ...joins('barbara', 'Barbara Liskov', 88, { plan: 'starter', interval: 'month', trial_days: 0 }),
  {
    daysAgo: 40,
    name: 'barbara upgrades',
    path: '/v1/subscriptions/{subscription:barbara}/change',
    body: { plan: 'pro' },
  },
  ...joins('donald', 'Donald Knuth', 52, { plan: 'pro', interval: 'month', trial_days: 0 }),
  failsFrom('donald', 50),
  ...joins('margaret', 'Margaret Hamilton', 41, { plan: 'business', interval: 'month', trial_days: 0 }),
  failsFrom('margaret', 39),
  ...joins('john', 'John McCarthy', 34, { plan: 'pro', interval: 'month', trial_days: 0 }),
  failsFrom('john', 30),
  ...joins('frances', 'Frances Allen', 20, { plan: 'pro', interval: 'month', trial_days: 0 }),
  cancels('frances', 6, 'period_end'),
  ...joins('niklaus', 'Niklaus Wirth', 9, { plan: 'pro', interval: 'month', trial_days: 14 }),
  ...joins('radia', 'Radia Perlman', 3, { plan: 'starter', interval: 'year', trial_days: 14 }),
  ...joins(
    'ken',
    'Ken Thompson',
    0.3,
    { plan: 'pro', interval: 'month', trial_days: 0 },
    'pm_card_authenticationRequired',
  ),
  {
    daysAgo: 1,
    name: 'dennis',
    path: '/v1/customers',
    body: { external_id: 'dennis', name: 'Dennis Ritchie', email: 'dennis@example.com' },
  },
];

export interface SampleScene {
  url: string;
  apiKey: string;
  sandboxUrl: string;
  /** Aborted when the process is to end: the samples are left as they are. */
  ended: AbortSignal;
}

/**
 * A dozen customers in every standing, made through the public API in the sandbox's past, which is then turned to now.
 * Harmless to repeat: a start that was cut short is taken up where it stopped.
 */
export async function makeSamples(scene: SampleScene, tell: (line: string) => void): Promise<void> {
  const api = new PublicApi(scene.url, scene.apiKey, scene.ended);
  const time = new SandboxTime(scene.sandboxUrl, scene.ended);
  const now = Date.now();
  tell('Making sample customers …');
  try {
    for (const act of acts.toSorted((a, b) => b.daysAgo - a.daysAgo)) {
      await turnTo(time, new Date(now - act.daysAgo * 86_400_000));
      await perform(api, act);
      await time.settle();
    }
    await turnTo(time, new Date(Math.max(now, Date.now())));
  } catch (error) {
    if (scene.ended.aborted) return;
    throw error;
  }
  const customers = acts.filter(({ path }) => path === '/v1/customers').length;
  tell(`${customers} sample customers are there: trialing, active, in grace, without access, canceled, …`);
}

async function perform(api: PublicApi, { name, path, body }: Act): Promise<void> {
  try {
    await api.post(await filledIn(api, path), body, `sample ${name}`);
  } catch (error) {
    // The card of one sample is declined on purpose; and what an earlier start has done may conflict with being done again.
    if (error instanceof ApiRefusal && (error.status === 402 || error.status === 409)) return;
    throw error;
  }
}

async function filledIn(api: PublicApi, path: string): Promise<string> {
  const customer = /\{subscription:(\w+)\}/.exec(path)?.[1];
  if (customer === undefined) return path;
  const { data } = await api.get<{ data: Array<{ id: string }> }>(`/v1/subscriptions?customer=${customer}`);
  return path.replace(/\{.*\}/, data[0]?.id ?? customer);
}

async function turnTo(time: SandboxTime, moment: Date): Promise<void> {
  if ((await time.now()) < moment) await time.advance({ to: moment.toISOString() });
}

function joins(id: string, name: string, daysAgo: number, subscription: object, card = GOOD_CARD): Act[] {
  return [
    { daysAgo, name: id, path: '/v1/customers', body: { external_id: id, name, email: `${id}@example.com` } },
    {
      daysAgo,
      name: `${id} subscribes`,
      path: '/v1/subscriptions',
      body: { customer: id, ...subscription, payment_method: card },
    },
  ];
}

function cancels(id: string, daysAgo: number, at: 'now' | 'period_end'): Act {
  return { daysAgo, name: `${id} cancels`, path: `/v1/subscriptions/{subscription:${id}}/cancel`, body: { at } };
}

function failsFrom(id: string, daysAgo: number): Act {
  return {
    daysAgo,
    name: `${id} card fails`,
    path: `/v1/customers/${id}/payment_methods`,
    body: { payment_method: FAILING_CARD },
  };
}
