import type { AccessEnd } from '../owed.js';
import type { Money, Template } from '../template.js';
import type { Wording } from '../wording.js';
import { Layout } from './layout.js';

export interface PaymentFailedFacts extends Money {
  plan: string;
  next_attempt_at: Date | null;
  /** When access ends if nothing is paid. */
  access: AccessEnd;
  hosted_invoice_url: string | null;
}

export const paymentFailed: Template<PaymentFailedFacts> = {
  subject: (facts, words) => words.say('payment_failed.subject', { amount: words.money(facts) }),
  body(facts, setting) {
    const { words } = setting;
    const { plan, access, next_attempt_at } = facts;
    return (
      <Layout
        setting={setting}
        tone="warning"
        title={words.say('payment_failed.title')}
        paragraphs={[
          words.say('payment_failed.body', { amount: words.money(facts), plan }),
          ...(access ? [accessSentence(access, words)] : []),
          next_attempt_at
            ? words.say('payment_failed.retry', { date: words.date(next_attempt_at) })
            : words.say('payment_failed.no_retry'),
        ]}
        facts={[
          [words.say('label.amount'), words.money(facts)],
          next_attempt_at ? [words.say('label.next_attempt'), words.date(next_attempt_at)] : null,
          access && access !== 'over' ? [words.say('label.access_until'), words.date(access.until)] : null,
        ]}
        button={{ label: words.say('button.pay'), url: facts.hosted_invoice_url }}
      />
    );
  },
  sample: {
    amount: 4900,
    currency: 'eur',
    plan: 'Pro',
    next_attempt_at: new Date('2027-03-06T12:00:00Z'),
    access: { until: new Date('2027-03-10T12:00:00Z'), days: 7 },
    hosted_invoice_url: 'https://invoice.stripe.com/i/sample',
  },
};

function accessSentence(access: NonNullable<AccessEnd>, words: Wording): string {
  if (access === 'over') return words.say('payment_failed.access_over');
  return words.say('payment_failed.days_left', { days: access.days, date: words.date(access.until) });
}
