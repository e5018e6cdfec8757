import type { Template } from '../template.js';
import { Layout } from './layout.js';

export interface CancellationScheduledFacts {
  plan: string;
  cancel_at: Date;
}

export const cancellationScheduled: Template<CancellationScheduledFacts> = {
  subject: ({ plan, cancel_at }, words) =>
    words.say('cancellation_scheduled.subject', { plan, date: words.date(cancel_at) }),
  body({ plan, cancel_at }, setting) {
    const { words } = setting;
    const date = words.date(cancel_at);
    return (
      <Layout
        setting={setting}
        tone="neutral"
        title={words.say('cancellation_scheduled.title')}
        paragraphs={[words.say('cancellation_scheduled.body', { plan, date })]}
        facts={[
          [words.say('label.plan'), plan],
          [words.say('label.ends_on'), date],
        ]}
      />
    );
  },
  sample: { plan: 'Pro', cancel_at: new Date('2027-04-03T12:00:00Z') },
};
