import type { ReactElement, ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { Email } from './email.entity.js';
import type { MailboxFilter } from './mailbox.js';

export function pageOf(page: ReactElement): string {
  return `<!doctype html>${renderToStaticMarkup(page)}`;
}

interface ListPageProps {
  emails: Email[];
  hasMore: boolean;
  filter: MailboxFilter;
}

export function ListPage({ emails, hasMore, filter }: ListPageProps) {
  const older = new URLSearchParams({ ...filter, starting_after: emails.at(-1)?.id ?? '' });
  return (
    <Page title="Mailbox">
      <h1>Mailbox</h1>
      <p className="quiet">No SMTP_URL is set, so nothing leaves: every e-mail comes here. {narrowed(filter)}</p>
      {emails.length === 0 ? <p className="empty">{emptied(filter)}</p> : <EmailList emails={emails} />}
      {hasMore && (
        <p>
          <a href={`/mailbox?${older.toString()}`}>Older e-mails</a>
        </p>
      )}
    </Page>
  );
}

function narrowed({ to, customer }: ListPageProps['filter']) {
  const by = to ?? customer;
  return (
    by && (
      <>
        Only those to <strong>{by}</strong>. <a href="/mailbox">Show all</a>
      </>
    )
  );
}

function emptied({ to, customer }: MailboxFilter): string {
  const by = to ?? customer;
  return by === undefined ? 'No e-mails yet. The first comes when a customer subscribes.' : `No e-mails to ${by}.`;
}

function EmailList({ emails }: { emails: Email[] }) {
  return (
    <ul className="list">
      {emails.map((email) => (
        <li key={email.id}>
          <a href={`/mailbox/${email.id}`}>
            <span className="subject">{email.subject}</span>
            <span className="quiet">{email.to}</span>
            <time dateTime={email.created_at.toISOString()}>{utc(email.created_at)}</time>
          </a>
        </li>
      ))}
    </ul>
  );
}

export function MessagePage({ email }: { email: Email }) {
  const { id, to, customer, subject, text, effect, message_id, created_at } = email;
  return (
    <Page title={subject ?? ''}>
      <p>
        <a href="/mailbox">← Mailbox</a>
      </p>
      <h1>{subject}</h1>
      <dl>
        <dt>To</dt>
        <dd>
          <a href={`/mailbox?to=${encodeURIComponent(to ?? '')}`}>{to}</a>
        </dd>
        <dt>Customer</dt>
        <dd>{customer}</dd>
        <dt>Sent</dt>
        <dd>{utc(created_at)}</dd>
        <dt>For</dt>
        <dd>{effect}</dd>
        <dt>Message-ID</dt>
        <dd>{message_id}</dd>
      </dl>
      <iframe src={`/mailbox/${id}/html`} title="The e-mail" sandbox="allow-popups allow-popups-to-escape-sandbox" />
      <h2>Plain text</h2>
      <pre>{text}</pre>
    </Page>
  );
}

function Page({ title, children }: { title: string; children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} · Good Standing`}</title>
        <link rel="icon" href="data:," />
        <style>{css}</style>
      </head>
      <body>{children}</body>
    </html>
  );
}

/** To the minute, in UTC. */
function utc(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const css = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #212529; background: #f8f9fa; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
a { color: #364fc7; }
.quiet, time, dt { color: #5c636a; font-size: .9rem; }
.empty { padding: 3rem; text-align: center; background: #fff; border: 1px solid #dee2e6; border-radius: 8px; }
.list { list-style: none; margin: 1.5rem 0; padding: 0; background: #fff; border: 1px solid #dee2e6; border-radius: 8px; overflow: hidden; }
.list li + li { border-top: 1px solid #e9ecef; }
.list a { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: .75rem 1rem; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
.list a:hover, .list a:focus-visible { background: #edf2ff; outline-offset: -3px; }
.subject { flex-basis: 100%; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1rem 0; overflow-wrap: anywhere; }
dd { margin: 0; }
iframe { box-sizing: border-box; width: 100%; height: 40rem; background: #fff; border: 1px solid #dee2e6; border-radius: 8px; }
pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; background: #fff; border: 1px solid #dee2e6; border-radius: 8px; }
`;
