import type { Money, Template } from '../template.js';
import { Layout } from './layout.js';

export interface ActionRequiredFacts extends Money {
  plan: string;
  hosted_invoice_url: string;
}

export const actionRequired: Template<ActionRequiredFacts> = {
  subject: (facts, words) => words.say('action_required.subject', { amount: words.money(facts) }),
  body: (facts, setting) => (
    <Layout
      setting={setting}
      tone="warning"
      title={setting.words.say('action_required.title')}
      paragraphs={[setting.words.say('action_required.body', { amount: setting.words.money(facts), plan: facts.plan })]}
      facts={[[setting.words.say('label.amount'), setting.words.money(facts)]]}
      button={{ label: setting.words.say('button.confirm'), url: facts.hosted_invoice_url }}
    />
  ),
  sample: { amount: 4900, currency: 'eur', plan: 'Pro', hosted_invoice_url: 'https://invoice.stripe.com/i/sample' },
};
