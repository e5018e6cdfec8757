/** A visitor without a script engine: opens pages and posts their forms as a browser would. */
export class Visitor {
  url = '';
  status = 0;
  html = '';

  async open(to: string): Promise<this> {
    const url = new URL(to, this.url === '' ? undefined : this.url);
    return this.#take(await fetch(url, { redirect: 'manual' }));
  }

  /** Fills in the form whose button reads this, and presses it. */
  async press(button: string, fields: Record<string, string> = {}): Promise<this> {
    const form = [...this.html.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)].find(([, , inside = '']) =>
      buttonsIn(inside).some(([text]) => text === button),
    );
    if (form === undefined) throw new Error(`no button “${button}” at ${this.url}: ${this.text}`);
    const [, attributes = '', inside = ''] = form;
    const [, own] = buttonsIn(inside).find(([text]) => text === button) ?? [];
    const body = new URLSearchParams({ ...valuesIn(inside), ...fields, ...own });
    const target = new URL(/action="([^"]*)"/.exec(attributes)?.[1] ?? this.url, this.url);
    if (/method="post"/.test(attributes))
      return this.#take(await fetch(target, { method: 'POST', body, redirect: 'manual' }));
    target.search = body.toString();
    return this.open(target.href);
  }

  /** What can be read on the page. */
  get text(): string {
    return plain(this.html.replaceAll(/<style>[\s\S]*?<\/style>/g, ''));
  }

  links(): Map<string, string> {
    return new Map(
      [...this.html.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)].map(([, href = '', text = '']) => [
        plain(text),
        href,
      ]),
    );
  }

  /** Stays where a redirect leaves the sandbox. */
  async #take(response: Response): Promise<this> {
    this.url = response.url;
    this.status = response.status;
    this.html = await response.text();
    const location = response.headers.get('location');
    if (location === null) return this;
    const next = new URL(location, this.url);
    if (next.origin === new URL(this.url).origin) return this.open(next.href);
    this.url = next.href;
    return this;
  }
}

/** Each button's words, and what pressing it sends. */
function buttonsIn(form: string): [string, Record<string, string>][] {
  return [...form.matchAll(/<button([^>]*)>([\s\S]*?)<\/button>/g)].map(([, attributes = '', text = '']) => {
    const name = /name="([^"]*)"/.exec(attributes)?.[1];
    return [plain(text), name === undefined ? {} : { [name]: /value="([^"]*)"/.exec(attributes)?.[1] ?? '' }];
  });
}

function valuesIn(form: string): Record<string, string> {
  const inputs = [...form.matchAll(/<input([^>]*)>/g)]
    .map(([, attributes = '']) => attributes)
    .filter((attributes) => !/type="(checkbox|radio)"/.test(attributes) || /\bchecked\b/.test(attributes))
    .map((attributes) => [
      /name="([^"]*)"/.exec(attributes)?.[1] ?? '',
      /\bvalue="([^"]*)"/.exec(attributes)?.[1] ?? '',
    ]);
  const selects = [...form.matchAll(/<select[^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g)].map(
    ([, name = '', options = '']) => [
      name,
      (/<option[^>]*value="([^"]*)"[^>]*selected/.exec(options) ?? /<option[^>]*value="([^"]*)"/.exec(options))?.[1] ??
        '',
    ],
  );
  return Object.fromEntries([...inputs, ...selects].map(([name, value]) => [name, decode(value ?? '')]));
}

function plain(text: string): string {
  return decode(text.replaceAll(/<[^>]*>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function decode(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));
}
