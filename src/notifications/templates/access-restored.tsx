import type { Template } from '../template.js';
import { Layout } from './layout.js';

export interface AccessRestoredFacts {
  plan: string;
}

export const accessRestored: Template<AccessRestoredFacts> = {
  subject: ({ plan }, words) => words.say('access_restored.subject', { plan }),
  body: ({ plan }, setting) => (
    <Layout
      setting={setting}
      tone="good"
      title={setting.words.say('access_restored.title')}
      paragraphs={[setting.words.say('access_restored.body', { plan })]}
    />
  ),
  sample: { plan: 'Pro' },
};
