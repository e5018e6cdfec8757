import type { FastifyReply } from 'fastify';
import { Html, html } from '../html.js';

export interface Page {
  title: string;
  body: Html;
  status?: number;
  /** Where its forms may lead in the end: a browser holds a redirect after a form to this too. */
  leadsTo?: readonly (string | null)[];
  /** Pages of the sandbox itself have its navigation; those that stand for Stripe's have not. */
  within: 'sandbox' | 'customer';
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1a1a1f;--soft:#5b5b66;--line:#d6d6de;--ground:#fff;--panel:#f5f5f8;--accent:#4338ca;--on:#fff;--bad:#b3261e;--good:#176639}
@media(prefers-color-scheme:dark){:root{--ink:#ececf1;--soft:#a5a5b3;--line:#3c3c47;--ground:#16161b;--panel:#202028;--accent:#a5b4fc;--on:#16161b;--bad:#ffb4ab;--good:#86d9a4}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);margin:0}
nav,main{max-width:68rem;margin:0 auto;padding:.75rem 1rem}
.customer main{max-width:34rem}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;border-bottom:1px solid var(--line)}
nav a[aria-current]{font-weight:700;color:inherit}
.inline{display:inline;font-weight:400}
dt{font-weight:600}dd{margin:0 0 .25rem 1rem}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
.sandbox{margin:0;padding:.3rem 1rem;background:#7c4a03;color:#fff;text-align:center;font-size:.875rem}
h1{font-size:1.5rem;margin:.75rem 0;overflow-wrap:anywhere}h2{font-size:1.125rem;margin:1.75rem 0 .5rem}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%}caption{text-align:left;color:var(--soft);padding-bottom:.25rem}
th,td{text-align:left;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.scroll{overflow-x:auto}
pre{overflow:auto;background:var(--panel);padding:1rem;border-radius:.4rem;font-size:.875rem}
label,legend{font-weight:600;display:block;margin:.9rem 0 .25rem}
input,select,textarea,button{font:inherit;color:inherit}
input:not([type=checkbox],[type=radio]),select,textarea{width:100%;padding:.5rem .6rem;border:1px solid var(--soft);border-radius:.4rem;background:var(--ground)}
fieldset{border:1px solid var(--line);border-radius:.4rem;margin:1rem 0;padding:.25rem 1rem 1rem}
fieldset label{font-weight:400}
button,.button{display:inline-block;padding:.5rem 1rem;border:1px solid var(--accent);border-radius:.4rem;background:var(--ground);color:var(--accent);cursor:pointer;text-decoration:none}
button.main{background:var(--accent);color:var(--on);font-weight:600}
.customer button.main{width:100%;margin-top:1.25rem}
.row{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end}.row form{margin:0}
.hint,.soft{color:var(--soft)}.hint{font-size:.875rem;margin:.25rem 0}
.problem{border-left:4px solid var(--bad);background:var(--panel);padding:.6rem 1rem;margin:1rem 0}
.done{border-left:4px solid var(--good);background:var(--panel);padding:.6rem 1rem;margin:1rem 0}
.bad{color:var(--bad)}.good{color:var(--good)}
.total{font-size:1.75rem;font-weight:600;margin:.25rem 0}
ol.time{list-style:none;padding-left:1rem;border-left:2px solid var(--line)}ol.time>li{margin:.6rem 0}
td.n:last-child,th.n:last-child{padding-right:0}
.sandbox-page :is(input:not([type=checkbox],[type=radio]),select){max-width:26rem}
.hidden{position:absolute;left:-99rem}
@media print{nav,.sandbox,form,.skip{display:none}body{background:#fff;color:#000}}
`;

const LINKS = [
  ['/', 'Sandbox'],
  ['/customers', 'Customers'],
  ['/events', 'Events'],
  ['/deliveries', 'Deliveries'],
  ['/clock', 'Clock'],
  ['/mischief', 'Mischief'],
] as const;

/** One page, whole: no script, nothing from elsewhere. */
export function send(reply: FastifyReply, page: Page): FastifyReply {
  const { title, body, within } = page;
  const inside = within === 'sandbox';
  const text = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}${inside ? ' · Good Standing sandbox' : ''}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body class="${within}-page ${inside ? '' : 'customer'}">
        ${inside ? navigation(reply.request.url) : html`<p class="sandbox">Sandbox: no money moves. Test cards only.</p>`}
        <main id="main">
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`.text;
  return reply
    .status(page.status ?? 200)
    .header('content-security-policy', policy(page.leadsTo ?? []))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(text);
}

export function notFound(reply: FastifyReply, within: Page['within'] = 'sandbox'): FastifyReply {
  const body = html`<p>There is nothing of this name here.</p>`;
  return send(reply, { title: 'Not found', status: 404, within, body });
}

/** Said to a screen reader at once, as the page opens with it. */
export function problem(message: string | undefined): Html | null {
  return message === undefined ? null : html`<p class="problem" role="alert">${message}</p>`;
}

function navigation(url: string): Html {
  const [here] = url.split('?', 1);
  const link = ([href, name]: (typeof LINKS)[number]): Html =>
    href === here ? html`<a href="${href}" aria-current="page">${name}</a>` : html`<a href="${href}">${name}</a>`;
  return html`<a class="skip" href="#main">Skip to the content</a>
    <nav aria-label="Sandbox">${LINKS.map(link)}</nav>`;
}

function policy(leadsTo: readonly (string | null)[]): string {
  const origins = leadsTo.flatMap((url) => (url !== null && URL.canParse(url) ? [new URL(url).origin] : []));
  const actions = ["'self'", ...new Set(origins)].join(' ');
  return `default-src 'none'; style-src 'unsafe-inline'; form-action ${actions}; frame-ancestors 'none'; base-uri 'none'`;
}
