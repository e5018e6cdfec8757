import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '../common/connection.js';
import { median } from '../common/median.js';
import type { Bound } from './bounds.js';
import type { Database, Databases } from './database.js';
import type { EventsFile } from './events-file.js';
import { measureRun } from './run.js';
import { signedRequest } from './signed-request.js';
import { SECRET } from './subjects.js';
import type { Subject } from './subjects.js';

const CONNECTIONS = 64;
const TAKEOVERS = 3;
const LOOK_MS = 5;

/** What a second replica costs that only waits, the listeners' jobs left lying, and how soon it projects when the first is killed. */
export async function measureStandby(
  databases: Databases,
  subject: Subject,
  file: EventsFile,
  rounds: number,
): Promise<Bound[]> {
  const pairs = [];
  for (let round = 0; round < rounds; round += 1) {
    const alone = await measureRun(databases, subject, file, { connections: CONNECTIONS });
    const waited = await measureRun(databases, subject, file, { connections: CONNECTIONS, standby: true });
    pairs.push({
      accepted: waited.events_per_second / alone.events_per_second,
      projected: (alone.projected_seconds ?? NaN) / (waited.projected_seconds ?? NaN),
    });
  }
  const seconds = await takeovers(databases, subject, file);
  process.stdout.write(
    `\nA second replica that waits; killed holders were followed within ${seconds.map((one) => `${one.toFixed(2)} s`).join(', ')}.\n`,
  );
  return [
    {
      what: 'of accepted, with a standby',
      value: median(pairs.map((one) => one.accepted)),
      relation: '≥',
      limit: 0.95,
    },
    {
      what: 'of projected, with a standby',
      value: median(pairs.map((one) => one.projected)),
      relation: '≥',
      limit: 0.95,
    },
    {
      what: 's from the kill to the next event projected, at worst',
      value: Math.max(...seconds),
      relation: '<',
      limit: 1,
    },
  ];
}

/** Seconds from the kill of the holder until an event is projected that the other one took after it. */
async function takeovers(databases: Databases, subject: Subject, file: EventsFile): Promise<number[]> {
  const database = await databases.create(subject.template ?? undefined);
  const bodies = (await readFile(file.path, 'utf8')).split('\n', 3 * TAKEOVERS).map((line): string => JSON.parse(line));
  const sent = { events: 0 };
  const deliver = async (to: Connection) => to.ask(signedRequest(bodies[sent.events++] ?? '', subject.path, SECRET));
  let holder = await subject.start(database.url);
  const seconds: number[] = [];
  try {
    for (let time = 0; time < TAKEOVERS; time += 1) {
      const standby = await subject.start(database.url);
      const [first, second] = [await Connection.open(holder.port), await Connection.open(standby.port)];
      // Neither is new: both have taken an event before.
      for (const connection of [first, second]) await deliver(connection);
      await untilHandled(database, sent.events);
      first.close();
      const killed = performance.now();
      await holder.stop('SIGKILL');
      holder = standby;
      await deliver(second);
      await untilHandled(database, sent.events);
      seconds.push((performance.now() - killed) / 1000);
      second.close();
    }
  } finally {
    await holder.stop();
    await databases.drop(database);
  }
  return seconds;
}

async function untilHandled(database: Database, events: number): Promise<void> {
  const handled = `select count(*) from inbound_events where status = 'handled'`;
  while ((await database.number(handled)) < events) await wait(LOOK_MS);
}
