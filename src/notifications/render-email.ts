import { render, toPlainText } from 'react-email';
import type { Setting } from './template.js';
import { type Effect, type EmailFacts, templates } from './templates.js';

export interface RenderedEmail {
  subject: string;
  html: string;
  text: string;
}

export async function renderEmail<E extends Effect>(
  effect: E,
  facts: EmailFacts[E],
  setting: Setting,
): Promise<RenderedEmail> {
  const template = templates[effect];
  const html = await render(template.body(facts, setting));
  return { subject: template.subject(facts, setting.words), html, text: toPlainText(html, textOptions) };
}

const textOptions = {
  wordwrap: 78,
  selectors: [
    { selector: 'h1', options: { uppercase: false, leadingLineBreaks: 2 } },
    { selector: 'table.facts', format: 'dataTable', options: { colSpacing: 2 } },
  ],
};
