import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { whole } from '../common/whole.js';
import { throughput } from './throughput.js';
import { FOLLOWED, year, type Year } from './year.js';

const USAGE = `Usage: npm run bench:sandbox -- [options]

  --customers <number>  with a monthly subscription each (10000)
  --months <number>     through which the clock is turned (12)
  --seed <number>       which cards fail (7)
  --all-events          deliver every event, not only those that an application of subscriptions follows
  --assert              exit with 1 when a bound is missed
`;
const { values } = parseArgs({
  options: {
    customers: { type: 'string', default: '10000' },
    months: { type: 'string', default: '12' },
    seed: { type: 'string', default: '7' },
    'all-events': { type: 'boolean', default: false },
    assert: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else process.exitCode = (await main()) || !values.assert ? 0 : 1;

/** Answers whether every bound was kept. */
async function main(): Promise<boolean> {
  const [customers, months, seed] = [values.customers, values.months, values.seed].map(Number);
  if (!customers || !months || seed === undefined || Number.isNaN(seed)) throw new Error(USAGE);
  const types = values['all-events'] ? ['*'] : FOLLOWED;
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const rates = await throughput(join(folder, 'state.sqlite'));
    const small = await year(Math.max(1, Math.round(customers / 10)), months, seed, types);
    const large = await year(customers, months, seed, types);
    for (const one of [small, large]) process.stdout.write(told(one, months));
    const { sandbox, sandbox_with_state_file, bare_fastify } = rates;
    process.stdout.write(
      `Customers made a second over 16 connections: ${whole(sandbox)}, with a state file ${whole(sandbox_with_state_file)}, a bare Fastify ${whole(bare_fastify)}.\n\n`,
    );
    const kept = [
      bound('seconds for all of it', large.setup_s + large.turning_s, '<', 60),
      bound('megabytes at the peak', large.peak_mb, '<', 1_000),
      bound('times the requests of a bare Fastify', sandbox / bare_fastify, '>', 0.3),
      bound('times the cost of a renewal among a tenth', large.cpu_ms_per_renewal / small.cpu_ms_per_renewal, '<', 1.3),
    ];
    process.stdout.write(`${JSON.stringify({ seed, months, types, small, large, requests_per_second: rates })}\n`);
    return kept.every(Boolean);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function told(one: Year, months: number): string {
  return [
    `${whole(one.customers)} customers through ${months} months: ${whole(one.renewals)} renewals, ${whole(one.failed_payments)} failed payments,`,
    `  ${whole(one.events)} events, ${whole(one.deliveries)} deliveries received with a good signature.`,
    `  ${one.setup_s.toFixed(1)} s to make them, ${one.turning_s.toFixed(1)} s to turn the clock; ${one.cpu_ms_per_renewal.toFixed(3)} ms of processor time a renewal; ${whole(one.peak_mb)} MB at the peak.`,
    '',
  ].join('\n');
}

function bound(what: string, value: number, relation: '<' | '>', limit: number): boolean {
  const holds = relation === '<' ? value < limit : value > limit;
  process.stdout.write(`${holds ? 'ok    ' : 'MISSED'}  ${value.toFixed(2)} ${what} (${relation} ${limit})\n`);
  return holds;
}
