import type { Runtime } from '../../config/runtime.js';

export interface BannerFacts {
  url: string;
  runtime: Runtime;
  apiKey: string;
  defaults: string[];
  seconds: number;
}

/** For the person who started it: where everything is, and the next command to try. */
export function banner({ url, runtime, apiKey, defaults, seconds }: BannerFacts): string {
  const rows: Array<[string, string]> = [
    ['API', url],
    ['API key', apiKey],
    ['Docs', `${url}/docs`],
    ...(runtime.mail.smtpUrl === null ? [['Mailbox', `${url}/mailbox`] as [string, string]] : []),
    ...(runtime.stripe.sandboxUrl ? [['Sandbox', runtime.stripe.sandboxUrl] as [string, string]] : []),
  ];
  const table = rows.map(([name, value]) => `  ${name.padEnd(9)}${value}`).join('\n');
  const notes = defaults.map((line) => `  · ${line}`).join('\n');
  return `
Good Standing runs (started in ${seconds.toFixed(1)} s)

${table}

Embedded defaults, never used in production:
${notes}

Try this:
  curl -s ${url}/v1/customers -H 'Authorization: Bearer ${apiKey}'

Ctrl-C stops everything.
`;
}
