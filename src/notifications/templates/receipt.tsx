import type { Money, Template } from '../template.js';
import { Layout } from './layout.js';

export interface ReceiptFacts extends Money {
  paid_at: Date;
  plan: string | null;
  invoice_number: string | null;
  order_id: string | null;
  card: { brand: string; last4: string } | null;
  hosted_invoice_url: string | null;
}

export const receipt: Template<ReceiptFacts> = {
  subject: (facts, words) => words.say('receipt.subject', { amount: words.money(facts) }),
  body(facts, setting) {
    const { words } = setting;
    const { plan, invoice_number, order_id, card } = facts;
    return (
      <Layout
        setting={setting}
        tone="good"
        title={words.say('receipt.title')}
        paragraphs={[words.say('receipt.body', { amount: words.money(facts) })]}
        facts={[
          [words.say('label.amount'), words.money(facts)],
          [words.say('label.paid_on'), words.date(facts.paid_at)],
          plan ? [words.say('label.plan'), plan] : null,
          card ? [words.say('label.payment_method'), words.say('card.ending', card)] : null,
          invoice_number ? [words.say('label.invoice'), invoice_number] : null,
          order_id ? [words.say('label.order'), order_id] : null,
        ]}
        button={{ label: words.say('button.invoice'), url: facts.hosted_invoice_url }}
      />
    );
  },
  sample: {
    amount: 4900,
    currency: 'eur',
    paid_at: new Date('2027-03-03T12:00:00Z'),
    plan: 'Pro',
    invoice_number: 'F3A9C1D2-0002',
    order_id: null,
    card: { brand: 'Visa', last4: '4242' },
    hosted_invoice_url: 'https://invoice.stripe.com/i/sample',
  },
};
