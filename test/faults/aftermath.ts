import { expect } from '@jest/globals';
import { until } from '../support/query.js';
import type { Setting } from './setting.js';
import type { Server } from './server.js';

/** What happens once in the life of an object, whatever happens to us. */
const ONCE = ['customer.created', 'payment.succeeded', 'invoice.paid', 'subscription.created', 'subscription.canceled'];

interface Expected {
  /** By their effects, sorted. */
  emails: string[];
  /** How often a mail server or a receiver may have been told the same: outside the database only at-least-once can be had. */
  most?: number;
}

/** Whatever was broken off: nothing is left to be done, nothing is lost, nothing is there twice, and all is as Stripe has it. */
export async function expectAllIsWell(setting: Setting, house: Server, expected: Expected): Promise<void> {
  await setting.controls.settle();
  await until(async () => (await undone(setting)).length === 0, 60_000).catch(async () => {
    expect(await undone(setting)).toEqual([]);
  });
  await expectEveryEvent(setting);
  await expectEmails(setting, expected);
  await expectWebhooks(setting, expected);
  for (const kind of ['objects', 'missed_events']) expect(await differences(house, kind)).toBe(0);
}

async function undone(setting: Setting): Promise<unknown[]> {
  return setting.query(`
    select 'event' as what, id || ' ' || status || coalesce(error, '') as which from inbound_events where status <> 'handled'
    union all select 'job', name || ' ' || state || ' ' || data from pgboss.job where state in ('created', 'retry', 'active')
    union all select 'command', id || ' ' || kind from operations where status = 'started'
    union all select 'request', key from idempotency_keys where state = 'started'
    union all select 'e-mail', id || ' ' || status from emails where status not in ('sent', 'skipped')
    union all select 'webhook', id || ' ' || status from webhook_deliveries where status <> 'delivered'
    union all select 'reconciliation', id || ' ' || status from reconciliations where status <> 'done'
    union all select 'replay', id || ' ' || status from webhook_replays where status <> 'done'`);
}

async function expectEveryEvent(setting: Setting): Promise<void> {
  const sent = await setting.stripes<{ id: string }>('events');
  const stored = await setting.query<{ id: string }>('select id from inbound_events');
  // Stripe forgets them after a while.
  expect(idsOf(stored)).toEqual(expect.arrayContaining(idsOf(sent)));
  const twice = await setting.query(
    `select type, object, count(*)::int from domain_events where type = any($1) group by 1, 2 having count(*) > 1`,
    [ONCE],
  );
  expect(twice).toEqual([]);
}

async function expectEmails(setting: Setting, { emails, most = 2 }: Expected): Promise<void> {
  const sent = await setting.query<{ effect: string; message_id: string }>(
    `select effect, message_id from emails where status = 'sent'`,
  );
  expect(sent.map(({ effect }) => effect).toSorted()).toEqual(emails);
  expectOnceOrAgain(
    setting.letterbox.accepted,
    sent.map(({ message_id }) => message_id),
    most,
  );
}

async function expectWebhooks(setting: Setting, { most = 2 }: Expected): Promise<void> {
  const told = await setting.query<{ id: string }>('select distinct event as id from webhook_deliveries');
  const published = await setting.query<{ id: string }>('select id from domain_events');
  expect(idsOf(told)).toEqual(idsOf(published));
  expectOnceOrAgain(setting.receiver.taken, idsOf(told), most);
}

/** Whoever is told again is told by the same id. */
function expectOnceOrAgain(taken: Map<string, number[]>, ids: string[], most: number): void {
  expect([...taken.keys()].toSorted()).toEqual(ids.toSorted());
  expect(Math.max(0, ...[...taken.values()].map(({ length }) => length))).toBeLessThanOrEqual(most);
}

function idsOf(rows: Array<{ id: string }>): string[] {
  return rows.map(({ id }) => id).toSorted();
}

/** What a reconciliation would repair. */
async function differences({ api }: Server, kind: string): Promise<number> {
  const { body } = await api.post<{ id: string }>('/v1/reconciliations', { kind, dry_run: true });
  let run = { status: 'running', found: -1 };
  await until(async () => {
    run = (await api.get<typeof run>(`/v1/reconciliations/${body.id}`)).body;
    return run.status !== 'running';
  });
  expect(run.status).toBe('done');
  return run.found;
}
