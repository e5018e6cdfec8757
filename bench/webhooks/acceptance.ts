import { median } from '../common/median.js';
import { whole } from '../common/whole.js';
import type { Bound } from './bounds.js';
import type { Databases } from './database.js';
import type { EventsFile } from './events-file.js';
import { pgbench, pgbenchVersion } from './pgbench.js';
import { measureRun } from './run.js';
import type { Run } from './run.js';
import type { Subject, SubjectName } from './subjects.js';

export interface Acceptance {
  connections: number;
  events: number;
  rounds: Run[][];
  /** Rows a second, by round; empty without pgbench. */
  pgbench: number[];
}

/** In turns, so that whatever else the machine does strikes all alike. */
export async function measureAcceptance(
  databases: Databases,
  subjects: Record<SubjectName, Subject>,
  file: EventsFile,
  { connections, rounds, events }: { connections: number; rounds: number; events: number },
): Promise<Acceptance> {
  const measured: Acceptance = { connections, events, rounds: [], pgbench: [] };
  const withPgbench = (await pgbenchVersion()) !== null;
  for (let round = 0; round < rounds; round += 1) {
    const runs: Run[] = [];
    for (const subject of Object.values(subjects))
      runs.push(await measureRun(databases, subject, file, { connections, count: events }));
    measured.rounds.push(runs);
    const { template } = subjects.one_insert;
    if (withPgbench && template) measured.pgbench.push(await pgbench(databases, template, file, connections, events));
  }
  return measured;
}

/** Of each subject the median of its runs. */
export function tell({ connections, events, rounds, pgbench: inserts }: Acceptance, titles: Map<string, string>): void {
  const count = connections === 1 ? '1 connection' : `${connections} connections`;
  process.stdout.write(`\n${whole(events)} events over ${count}\n`);
  process.stdout.write(
    `${'accepted/s'.padStart(12)}${'p50 ms'.padStart(9)}${'p99 ms'.padStart(9)}${'all projected'.padStart(16)}\n`,
  );
  for (const [name, title] of titles) {
    const runs = rounds.map((round) => runOf(round, name));
    const of = (figure: (run: Run) => number) => median(runs.map(figure));
    const projected = runs[0]?.projected_seconds ?? null;
    const columns = [
      whole(of((run) => run.events_per_second)).padStart(12),
      of((run) => run.p50_ms)
        .toFixed(1)
        .padStart(9),
      of((run) => run.p99_ms)
        .toFixed(1)
        .padStart(9),
      (projected === null ? '–' : `${of((run) => run.projected_seconds ?? 0).toFixed(2)} s`).padStart(16),
    ];
    process.stdout.write(`${columns.join('')}  ${title}\n`);
  }
  if (inserts.length > 0) {
    const nothing = `${'–'.padStart(9)}${'–'.padStart(9)}${'–'.padStart(16)}`;
    process.stdout.write(`${whole(median(inserts)).padStart(12)}${nothing}  pgbench, single-row inserts\n`);
  }
}

const rate = (one: Run) => one.events_per_second;
const p99 = (one: Run) => one.p99_ms;
const projected = (one: Run) => one.projected_seconds ?? NaN;

/** Ratios are made within a round, of what ran next to each other; the median of them counts. */
export function acceptanceBounds({ connections, rounds }: Acceptance): Bound[] {
  const ratio = (of: SubjectName, to: SubjectName, figure: (run: Run) => number) =>
    median(rounds.map((runs) => figure(runOf(runs, of)) / figure(runOf(runs, to))));
  const at = (what: string, value: number, relation: Bound['relation'], limit: number) => ({
    what: `${what}, ${connections} connection${connections === 1 ? '' : 's'}`,
    value,
    relation,
    limit,
  });
  if (connections === 1)
    return [at("times the INSERT per request's rate, ROLE=web", ratio('web', 'one_insert', rate), '≥', 1)];
  if (connections !== 64) return [];
  return [
    at("times sync-engine's rate, ROLE=web", ratio('web', 'sync_engine', rate), '≥', 6),
    at("times the INSERT per request's rate, ROLE=web", ratio('web', 'one_insert', rate), '≥', 1.6),
    at("times sync-engine's p99, ROLE=web", ratio('web', 'sync_engine', p99), '≤', 0.25),
    at("times sync-engine's rate, projecting as well", ratio('all', 'sync_engine', rate), '≥', 3),
    at("times sync-engine's p99, projecting as well", ratio('all', 'sync_engine', p99), '≤', 0.45),
    at('times as soon all projected as sync-engine has mirrored', ratio('sync_engine', 'all', projected), '≥', 2.2),
  ];
}

export function runOf(runs: Run[], subject: string): Run {
  const found = runs.find((one) => one.subject === subject);
  if (found === undefined) throw new Error(`${subject} was not measured`);
  return found;
}
