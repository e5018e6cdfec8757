import type { DomainEventData } from '../../events/domain-events.js';
import type { Template } from '../template.js';
import { Layout } from './layout.js';

export interface AlertFacts {
  name: DomainEventData<'alert.raised'>['name'];
  /** English, as the API has it. */
  text: string;
  resolved_at: Date | null;
}

export const alert: Template<AlertFacts> = {
  subject: ({ name, resolved_at }, words) =>
    words.say(resolved_at ? 'alert.subject.resolved' : 'alert.subject.raised', {
      title: words.say(`alert.title.${name}`),
    }),
  body({ name, text, resolved_at }, setting) {
    const { words, brand } = setting;
    return (
      <Layout
        setting={setting}
        tone={resolved_at ? 'good' : 'serious'}
        title={words.say(`alert.title.${name}`)}
        paragraphs={[...(resolved_at ? [words.say('alert.over', { moment: words.moment(resolved_at) })] : []), text]}
        footer={words.say('footer.operator', { brand })}
      />
    );
  },
  sample: {
    name: 'dead_letters',
    text: "Given up, and waiting for a person: 3 events of Stripe's, 1 job.",
    resolved_at: null,
  },
};
