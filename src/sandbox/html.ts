/** Text that is safe to put into a page. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | null | Html | readonly Html[];

/** html`<b>${name}</b>`: everything put in is escaped, but for what is HTML already. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.map((text, at) => text + shown(parts[at] ?? null)).join(''));
}

function shown(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return String(part).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
