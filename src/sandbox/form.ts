/** What a form field holds before its type is known: text, or fields by name (a list is fields named 0, 1, 2 …). */
export type FormValue = string | Form;
export type Form = Map<string, FormValue>;

/**
 * Decodes `items[0][price]=x&expand[]=y` as Stripe encodes nested parameters: https://docs.stripe.com/api?lang=curl
 * Maps, not objects, so that no field name can reach a prototype.
 */
export function decodeForm(text: string): Form {
  const form: Form = new Map();
  for (const [name, value] of pairsOf(text)) put(form, segmentsOf(name), value);
  return form;
}

/** No text but what is in a file may be longer. */
const LONGEST = 5_000;

/** For logs: the same as plain JSON, without what is in files. */
export function plainForm(value: FormValue): unknown {
  if (typeof value === 'string') return value.length > LONGEST ? `${value.length} characters` : value;
  return Object.fromEntries([...value].map(([name, inner]) => [name, plainForm(inner)]));
}

/** As `URLSearchParams` reads them, which takes several times as long and is asked only where something is odd. */
function pairsOf(text: string): Iterable<[string, string]> {
  try {
    return text.split('&').flatMap((part): [string, string][] => {
      const end = part.indexOf('=');
      if (part === '') return [];
      return end === -1 ? [[unescaped(part), '']] : [[unescaped(part.slice(0, end)), unescaped(part.slice(end + 1))]];
    });
  } catch {
    return new URLSearchParams(text);
  }
}

function unescaped(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? decodeURIComponent(spaced) : spaced;
}

function segmentsOf(name: string): string[] {
  const head = name.indexOf('[');
  if (head <= 0) return [name];
  return [name.slice(0, head), ...[...name.slice(head).matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '')];
}

function put(form: Form, segments: string[], value: string): void {
  let here = form;
  segments.forEach((segment, depth) => {
    const name = segment === '' ? String(here.size) : segment;
    if (depth === segments.length - 1) {
      here.set(name, value);
      return;
    }
    const inner = here.get(name);
    const next: Form = inner instanceof Map ? inner : new Map();
    here.set(name, next);
    here = next;
  });
}
