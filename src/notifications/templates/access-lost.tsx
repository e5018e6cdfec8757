import type { Money, Template } from '../template.js';
import { Layout } from './layout.js';

export interface AccessLostFacts {
  plan: string;
  /** What is to be paid to have it back; null when it is not about a payment. */
  unpaid: (Money & { hosted_invoice_url: string | null }) | null;
}

export const accessLost: Template<AccessLostFacts> = {
  subject: ({ plan }, words) => words.say('access_lost.subject', { plan }),
  body({ plan, unpaid }, setting) {
    const { words } = setting;
    return (
      <Layout
        setting={setting}
        tone="serious"
        title={words.say('access_lost.title')}
        paragraphs={[
          unpaid
            ? words.say('access_lost.body.payment', { plan, amount: words.money(unpaid) })
            : words.say('access_lost.body.other', { plan }),
        ]}
        facts={unpaid ? [[words.say('label.amount'), words.money(unpaid)]] : []}
        button={{ label: words.say('button.pay'), url: unpaid?.hosted_invoice_url ?? null }}
      />
    );
  },
  sample: {
    plan: 'Pro',
    unpaid: { amount: 4900, currency: 'eur', hosted_invoice_url: 'https://invoice.stripe.com/i/sample' },
  },
};
