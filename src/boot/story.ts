import type { PublicApi, SandboxTime } from './public-api.js';

/** What a chapter must come to; anything else ends the demo with what differed. */
interface Expected {
  allowed: boolean;
  rule: string;
  /** By their effects, sorted: within one moment they come in any order. */
  emails: string[];
}

export interface Chapter {
  /** What happens, in plain words. */
  title: string;
  /** One request, or time passing. */
  act: { path: string; body: object } | { by: string };
  expected: Expected;
}

interface Scene {
  api: PublicApi;
  time: SandboxTime;
}

interface Access {
  allowed: boolean;
  why: { rule: string; text: string };
}

export const CUSTOMER = 'ada';
const FEATURE = 'api_access';

/** A customer subscribes, gets access, loses it over a failed renewal, and gets it back. */
export const chapters: Chapter[] = [
  {
    title: 'Ada signs up. She has no plan yet.',
    act: {
      path: '/v1/customers',
      body: { external_id: CUSTOMER, name: 'Ada Lovelace', email: 'ada@example.com' },
    },
    expected: { allowed: false, rule: 'no_subscription', emails: [] },
  },
  {
    title: 'She subscribes to Pro for 49.00 EUR a month, and her card is charged.',
    act: {
      path: '/v1/subscriptions',
      body: {
        customer: CUSTOMER,
        plan: 'pro',
        interval: 'month',
        currency: 'eur',
        trial_days: 0,
        payment_method: 'pm_card_visa',
      },
    },
    expected: { allowed: true, rule: 'paid', emails: ['receipt', 'welcome'] },
  },
  {
    title: 'A month later the renewal is paid.',
    act: { by: '32d' },
    expected: { allowed: true, rule: 'paid', emails: ['receipt'] },
  },
  {
    title: 'Her bank replaces the card with one that will be declined; nobody knows yet.',
    act: {
      path: `/v1/customers/${CUSTOMER}/payment_methods`,
      body: { payment_method: 'pm_card_chargeCustomerFail' },
    },
    expected: { allowed: true, rule: 'paid', emails: [] },
  },
  {
    title: 'The next renewal is declined. Access stays: the policy gives 7 days of grace.',
    act: { by: '29d' },
    expected: { allowed: true, rule: 'grace', emails: ['payment_failed'] },
  },
  {
    title: 'Stripe tries again after three and five days, in vain; reminders go out.',
    act: { by: '5d' },
    expected: {
      allowed: true,
      rule: 'grace',
      emails: ['payment_failed', 'payment_failed', 'payment_reminder', 'payment_reminder'],
    },
  },
  {
    title: 'The seventh day passes: access ends.',
    act: { by: '3d' },
    expected: { allowed: false, rule: 'grace_ended', emails: ['access_lost'] },
  },
  {
    title: 'Ada enters a new card. The open invoice is paid at once, and access is back.',
    act: { path: `/v1/customers/${CUSTOMER}/payment_methods`, body: { payment_method: 'pm_card_visa' } },
    expected: { allowed: true, rule: 'paid', emails: ['access_restored', 'receipt'] },
  },
  {
    title: 'The month after, all is as it was.',
    act: { by: '31d' },
    expected: { allowed: true, rule: 'paid', emails: ['receipt'] },
  },
];

/** Plays the story over the public API alone. @returns what differed; empty: all was as it should be. */
export async function play(scene: Scene, tell: (line: string) => void): Promise<string[]> {
  const differences: string[] = [];
  const seen = new Set<string>();
  for (const chapter of chapters) {
    await perform(scene, chapter);
    const now = await scene.time.now();
    const access = await scene.api.get<Access>(`/v1/access/check?customer=${CUSTOMER}&feature=${FEATURE}`);
    const emails = await newEmails(scene.api, seen);
    tell(`${now.toISOString().slice(0, 10)}  ${chapter.title}`);
    tell(`            access: ${access.allowed ? 'yes' : 'no'} (${access.why.rule}): ${access.why.text}`);
    for (const { subject } of emails) tell(`            e-mail: ${subject}`);
    differences.push(
      ...compare(chapter, {
        allowed: access.allowed,
        rule: access.why.rule,
        emails: emails.map(({ effect }) => effect).toSorted(),
      }),
    );
  }
  return differences;
}

async function perform({ api, time }: Scene, { act }: Chapter): Promise<void> {
  if ('by' in act) await time.advance(act);
  else await api.post(act.path, act.body);
  await time.settle();
}

/** In the order in which they went out. */
async function newEmails(api: PublicApi, seen: Set<string>): Promise<Array<{ effect: string; subject: string }>> {
  const { data } = await api.get<{ data: Array<{ id: string; effect: string; subject: string }> }>(
    `/v1/mailbox?customer=${CUSTOMER}&limit=100`,
  );
  const fresh = data.filter(({ id }) => !seen.has(id)).toReversed();
  for (const { id } of fresh) seen.add(id);
  return fresh;
}

function compare({ title, expected }: Chapter, found: Expected): string[] {
  const lines = [
    [
      `access ${expected.allowed ? 'allowed' : 'refused'} by ${expected.rule}`,
      `${found.allowed ? 'allowed' : 'refused'} by ${found.rule}`,
      expected.allowed === found.allowed && expected.rule === found.rule,
    ],
    [
      `e-mails ${expected.emails.join(', ') || 'none'}`,
      found.emails.join(', ') || 'none',
      expected.emails.join() === found.emails.join(),
    ],
  ] as const;
  return lines.filter(([, , same]) => !same).map(([wanted, got]) => `"${title}": expected ${wanted}, found ${got}`);
}
