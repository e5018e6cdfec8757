import type { Template } from '../template.js';
import { Layout } from './layout.js';

export interface SubscriptionCanceledFacts {
  plan: string;
  ended_at: Date;
  /** Whether it ended because nothing could be collected, and not because somebody canceled it. */
  unpaid: boolean;
}

export const subscriptionCanceled: Template<SubscriptionCanceledFacts> = {
  subject: ({ plan }, words) => words.say('subscription_canceled.subject', { plan }),
  body({ plan, ended_at, unpaid }, setting) {
    const { words } = setting;
    return (
      <Layout
        setting={setting}
        tone="neutral"
        title={words.say('subscription_canceled.title')}
        paragraphs={[
          words.say(unpaid ? 'subscription_canceled.body.unpaid' : 'subscription_canceled.body.requested', { plan }),
        ]}
        facts={[
          [words.say('label.plan'), plan],
          [words.say('label.ended_on'), words.date(ended_at)],
        ]}
        closing={words.say('subscription_canceled.back')}
      />
    );
  },
  sample: { plan: 'Pro', ended_at: new Date('2027-04-03T12:00:00Z'), unpaid: false },
};
