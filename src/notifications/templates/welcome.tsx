import type { Template } from '../template.js';
import { Layout } from './layout.js';

export interface WelcomeFacts {
  plan: string;
  /** Null: there is no trial. */
  trial_end: Date | null;
  current_period_end: Date;
}

export const welcome: Template<WelcomeFacts> = {
  subject: ({ plan }, words) => words.say('welcome.subject', { plan }),
  body({ plan, trial_end, current_period_end }, setting) {
    const { words } = setting;
    const until = words.date(trial_end ?? current_period_end);
    return (
      <Layout
        setting={setting}
        tone="good"
        title={words.say('welcome.title', { plan })}
        paragraphs={[
          trial_end
            ? words.say('welcome.body.trial', { plan, date: until })
            : words.say('welcome.body.active', { plan }),
        ]}
        facts={[
          [words.say('label.plan'), plan],
          [words.say(trial_end ? 'label.trial_until' : 'label.renews_on'), until],
        ]}
      />
    );
  },
  sample: {
    plan: 'Pro',
    trial_end: new Date('2027-03-17T12:00:00Z'),
    current_period_end: new Date('2027-03-17T12:00:00Z'),
  },
};
