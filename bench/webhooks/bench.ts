import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSandbox } from '../common/measured.js';
import { whole } from '../common/whole.js';
import { acceptanceBounds, measureAcceptance, tell } from './acceptance.js';
import { judge } from './bounds.js';
import type { Bound } from './bounds.js';
import { Databases } from './database.js';
import { BUSINESS_NOW, writeEvents } from './events-file.js';
import type { EventsFile } from './events-file.js';
import { measureHistory } from './history.js';
import { load, machine } from './machine.js';
import { pgbenchVersion } from './pgbench.js';
import { measureStandby } from './standby.js';
import { measureStatements } from './statements.js';
import { prepareSubjects, withoutListeners } from './subjects.js';
import type { Subject, SubjectName } from './subjects.js';

const USAGE = `Usage: npm run bench -- [options] [parts]

  Parts: accepted, statements, standby (these three when none is named), history (takes long).

  --events <number>        that each run takes (20000)
  --rounds <number>        of which the median counts (3)
  --connections <numbers>  of the part \`accepted\` (64,16,1)
  --stored <number>        events that lie there already, of the part \`history\` (5000000)
`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64,16,1' },
    stored: { type: 'string', default: '5000000' },
    help: { type: 'boolean', default: false },
  },
});

interface Bench {
  databases: Databases;
  subjects: Record<SubjectName, Subject>;
  file: EventsFile;
  sandboxUrl: string;
  rounds: number;
}

/** Each prints what it has found, and answers what is to be judged. */
const parts: Record<string, (bench: Bench) => Promise<Bound[]>> = {
  accepted,
  statements: ({ databases, subjects, file, sandboxUrl }) => measureStatements(databases, subjects, file, sandboxUrl),
  standby: ({ databases, subjects, file, sandboxUrl, rounds }) =>
    measureStandby(databases, withoutListeners(subjects.all, sandboxUrl), file, rounds),
  history: ({ databases, subjects, file, rounds }) =>
    measureHistory(databases, subjects, file, { rounds, stored: Number(values.stored) }),
};
const chosen = positionals.length > 0 ? positionals : ['accepted', 'statements', 'standby'];

if (values.help) process.stdout.write(USAGE);
else if (chosen.some((part) => !(part in parts))) throw new Error(USAGE);
else process.exitCode = (await main()) ? 0 : 1;

/** Answers whether every bound was kept. */
async function main(): Promise<boolean> {
  const [events, rounds] = [Number(values.events), Number(values.rounds)];
  const folder = await mkdtemp(join(tmpdir(), 'good-standing-bench-'));
  // PostgreSQL may run as another user.
  await chmod(folder, 0o755);
  const databases = await Databases.start(folder);
  const sandbox = await startSandbox(['--now', BUSINESS_NOW, '--frozen', '--ephemeral'], { quiet: true });
  // PostgreSQL outlives whoever has started it; the other processes do not.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void databases.stop().finally(() => process.exit(1)));
  try {
    process.stdout.write(`${machine(await databases.version(), await pgbenchVersion())}\n`);
    const file = await writeEvents(join(folder, 'events.ndjson'), sandbox.port, events);
    process.stdout.write(
      `${whole(file.events)} events of ${whole(file.mean_bytes)} bytes on average, of ${whole(file.subscriptions)} subscriptions; ${rounds} rounds.\n`,
    );
    const sandboxUrl = `http://127.0.0.1:${sandbox.port}`;
    const subjects = await prepareSubjects(databases, sandboxUrl);
    const bounds: Bound[] = [];
    for (const part of chosen)
      bounds.push(...((await parts[part]?.({ databases, subjects, file, sandboxUrl, rounds })) ?? []));
    process.stdout.write('\n');
    const kept = bounds.map(judge);
    process.stdout.write(`Load average after: ${load()}.\n`);
    return kept.every(Boolean);
  } finally {
    await sandbox.stop();
    await databases.stop();
  }
}

async function accepted({ databases, subjects, file, rounds }: Bench): Promise<Bound[]> {
  const titles = new Map(Object.values(subjects).map(({ name, title }) => [name, title]));
  const bounds: Bound[] = [];
  const peaks: number[] = [];
  for (const connections of values.connections.split(',').map(Number)) {
    const measured = await measureAcceptance(databases, subjects, file, { connections, rounds, events: file.events });
    tell(measured, titles);
    bounds.push(...acceptanceBounds(measured));
    const ours = measured.rounds.flat().filter(({ subject }) => subject === 'web' || subject === 'all');
    peaks.push(...ours.map(({ peak_mb }) => peak_mb));
  }
  return [
    ...bounds,
    { what: 'MB at the peak of any of our processes', value: Math.max(...peaks), relation: '<', limit: 300 },
  ];
}
