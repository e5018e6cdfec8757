import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSandbox } from '../common/measured.js';
import { acceptanceBounds, measureAcceptance, tell, whole } from './acceptance.js';
import type { Acceptance } from './acceptance.js';
import { judge } from './bounds.js';
import type { Bound } from './bounds.js';
import { Databases } from './database.js';
import { BUSINESS_NOW, writeEvents } from './events-file.js';
import { load, machine } from './machine.js';
import { pgbenchVersion } from './pgbench.js';
import { prepareSubjects } from './subjects.js';

const USAGE = `Usage: npm run bench -- [options]

  --events <number>        that each run takes (20000)
  --rounds <number>        of which the median counts (3)
  --connections <numbers>  1,16,64
`;
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64,16,1' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else process.exitCode = (await main()) ? 0 : 1;

/** Answers whether every bound was kept. */
async function main(): Promise<boolean> {
  const [events, rounds] = [Number(values.events), Number(values.rounds)];
  const folder = await mkdtemp(join(tmpdir(), 'good-standing-bench-'));
  await chmod(folder, 0o755);
  const databases = await Databases.start(folder);
  const sandbox = await startSandbox(['--now', BUSINESS_NOW, '--frozen', '--ephemeral']);
  try {
    process.stdout.write(`${machine(await databases.version(), await pgbenchVersion())}\n`);
    const file = await writeEvents(join(folder, 'events.ndjson'), sandbox.port, events);
    process.stdout.write(
      `${whole(file.events)} events of ${whole(file.mean_bytes)} bytes on average, of ${whole(file.subscriptions)} subscriptions; ${rounds} rounds.\n`,
    );
    const subjects = await prepareSubjects(databases, `http://127.0.0.1:${sandbox.port}`);
    const titles = new Map(Object.values(subjects).map(({ name, title }) => [name, title]));
    const measured: Acceptance[] = [];
    const bounds: Bound[] = [];
    for (const connections of values.connections.split(',').map(Number)) {
      const acceptance = await measureAcceptance(databases, subjects, file, { connections, rounds, events });
      tell(acceptance, titles);
      measured.push(acceptance);
      bounds.push(...acceptanceBounds(acceptance));
    }
    const runs = measured
      .flatMap(({ rounds: all }) => all.flat())
      .filter(({ subject }) => ['web', 'all'].includes(subject));
    bounds.push({
      what: 'MB at the peak of any of our processes',
      value: Math.max(...runs.map((one) => one.peak_mb)),
      relation: '<',
      limit: 300,
    });
    process.stdout.write('\n');
    const kept = bounds.map(judge);
    process.stdout.write(`Load average after: ${load()}.\n${JSON.stringify({ events, rounds, measured })}\n`);
    return kept.every(Boolean);
  } finally {
    await sandbox.stop();
    await databases.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
