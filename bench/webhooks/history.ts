import { median } from '../common/median.js';
import { whole } from '../common/whole.js';
import type { Bound } from './bounds.js';
import type { Database, Databases } from './database.js';
import type { EventsFile } from './events-file.js';
import { measureRun } from './run.js';
import type { Subject } from './subjects.js';

const CONNECTIONS = 64;
const SLICE = 250_000;

/** The same with so many events stored, in turns with an empty inbox. */
export async function measureHistory(
  databases: Databases,
  { web, all }: { web: Subject; all: Subject },
  file: EventsFile,
  { rounds, stored }: { rounds: number; stored: number },
): Promise<Bound[]> {
  const full = await databases.create(web.template ?? undefined);
  await fill(full, stored);
  await full.client.end();
  const withHistory = (subject: Subject): Subject => ({ ...subject, template: full.name });
  const pairs = [];
  for (let round = 0; round < rounds; round += 1) {
    const of = (subject: Subject) => measureRun(databases, subject, file, { connections: CONNECTIONS });
    const [emptyWeb, fullWeb] = [await of(web), await of(withHistory(web))];
    const [emptyAll, fullAll] = [await of(all), await of(withHistory(all))];
    pairs.push({
      accepted: fullWeb.events_per_second / emptyWeb.events_per_second,
      projected: (emptyAll.projected_seconds ?? NaN) / (fullAll.projected_seconds ?? NaN),
    });
  }
  const what = `with ${whole(stored)} stored events`;
  return [
    { what: `of accepted, ${what}`, value: median(pairs.map((one) => one.accepted)), relation: '≥', limit: 0.95 },
    { what: `of projected, ${what}`, value: median(pairs.map((one) => one.projected)), relation: '≥', limit: 0.9 },
  ];
}

/** Handled over the last eighty days, each with a short payload: the rows and their indexes are what an insert meets. */
async function fill({ client }: Database, stored: number): Promise<void> {
  for (let from = 0; from < stored; from += SLICE) {
    await client.query(
      `insert into inbound_events (id, type, api_version, livemode, object, customer, created, payload, status, decision,
         received_at, handled_at, processing_ms)
       select 'evt_' || substr(encode(sha256(n::text::bytea), 'hex'), 1, 24), 'invoice.paid', '2026-10-28.endive', false,
         'in_' || n, 'cus_' || n % 500000, at, repeat(md5(n::text), 8), 'handled', 'ignore', at, at, 5
       from generate_series($1::int, $2::int - 1) as n, lateral (select now() - interval '80 days' * (1 - n / $3::float8) as at)`,
      [from, Math.min(from + SLICE, stored), stored],
    );
  }
  await client.query('vacuum (analyze) inbound_events');
}
