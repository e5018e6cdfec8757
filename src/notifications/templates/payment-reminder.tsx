import type { Money, Template } from '../template.js';
import { Layout } from './layout.js';

export interface PaymentReminderFacts extends Money {
  plan: string;
  access_until: Date;
  /** Calendar days until then, in UTC. */
  days: number;
  hosted_invoice_url: string | null;
}

export const paymentReminder: Template<PaymentReminderFacts> = {
  subject: ({ days, plan }, words) => words.say('payment_reminder.subject', { days, plan }),
  body(facts, setting) {
    const { words } = setting;
    const date = words.date(facts.access_until);
    return (
      <Layout
        setting={setting}
        tone="serious"
        title={words.say('payment_reminder.title', { days: facts.days })}
        paragraphs={[words.say('payment_reminder.body', { amount: words.money(facts), plan: facts.plan, date })]}
        facts={[
          [words.say('label.amount'), words.money(facts)],
          [words.say('label.access_until'), date],
        ]}
        button={{ label: words.say('button.pay'), url: facts.hosted_invoice_url }}
      />
    );
  },
  sample: {
    amount: 4900,
    currency: 'eur',
    plan: 'Pro',
    access_until: new Date('2027-03-10T12:00:00Z'),
    days: 2,
    hosted_invoice_url: 'https://invoice.stripe.com/i/sample',
  },
};
