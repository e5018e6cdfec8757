import { parseArgs } from 'node:util';
import { faultNames } from './faults.js';
import type { FaultName } from './faults.js';

/** What one world is made of: the same order lives the same lives. */
export interface Order {
  seed: number;
  customers: number;
  months: number;
  faults: readonly FaultName[];
  /** Only these of the customers, by their numbers; null: all. */
  only: readonly number[] | null;
}

export interface Options extends Omit<Order, 'seed'> {
  seeds: number[];
  databaseUrl: string | null;
  shrink: boolean;
  keep: boolean;
  help: boolean;
}

export class UsageError extends Error {}

export const HELP = `Lives of customers against the built app: real HTTP, real PostgreSQL, a sandbox Stripe whose clock is turned.

  npm run simulate -- --seed 7 --customers 300 --months 6 --faults all

  --seed <n>            where all chance comes from (7)
  --seeds <from>-<to>   one run per seed, until one fails
  --customers <n>       how many live (300); more than that live in worlds of 300, one after the other
  --months <n>          how long (6)
  --faults <list>       all, none, or some of: ${faultNames.join(', ')}
  --only <list>         of the customers just these, by number (they live as they would among the others)
  --shrink              when it fails: look for a smaller order that fails too, for ten minutes at most
  --database-url <url>  a PostgreSQL on which databases may be created; without it an embedded one
  --keep                keep the folder with the app's log (kept anyway when it fails)

It ends with one line of JSON and exit code 0 when, after everything has come to rest, every acknowledged event is in the
inbox, no effect happened twice, the mirror equals Stripe, access follows from the mirror, and nothing is pending.

What repeats with the seed: who lives, when they act and what they choose as long as their own history is the same; which
faults strike, at which moments of the virtual clock, and which event of Stripe's is dropped or doubled while a spell lasts.
What does not: everything that runs side by side within one such moment. The order of two requests at once, the statement
that a kill cuts off, which request meets an error of Stripe's. So a failure may need several runs with its seed to show again.
Machine time (retry backoff) is not waited for: what waits for a retry is set due when a fault is over. A request that Stripe
never answers would cost 20 s each; in its stead, answers are delayed, or cut off after Stripe has applied the request.
`;

/** @throws UsageError */
export function readOptions(args: string[]): Options {
  const { values } = parse(args);
  const seeds = values.seeds === undefined ? [whole('seed', values.seed, 0)] : rangeOf(values.seeds);
  return {
    seeds,
    customers: whole('customers', values.customers, 1),
    months: whole('months', values.months, 1),
    faults: faultsOf(values.faults),
    only: values.only === undefined ? null : values.only.split(',').map((text) => whole('only', text, 0)),
    databaseUrl: values['database-url'] ?? null,
    shrink: values.shrink,
    keep: values.keep,
    help: values.help,
  };
}

/** What to type to live this order again. */
export function commandFor({ seed, customers, months, faults, only }: Order): string {
  const list = faults.length === 0 ? 'none' : faults.length === faultNames.length ? 'all' : faults.join(',');
  const some = only === null ? '' : ` --only ${only.join(',')}`;
  return `npm run simulate -- --seed ${seed} --customers ${customers} --months ${months} --faults ${list}${some}`;
}

const flag = { type: 'boolean', default: false } as const;

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        seed: { type: 'string', default: '7' },
        seeds: { type: 'string' },
        customers: { type: 'string', default: '300' },
        months: { type: 'string', default: '6' },
        faults: { type: 'string', default: 'all' },
        only: { type: 'string' },
        'database-url': { type: 'string' },
        shrink: flag,
        keep: flag,
        help: { ...flag, short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${name}: '${text}' is no whole number from ${least} on.`);
  return value;
}

function rangeOf(text: string): number[] {
  const [from, to] = text.split('-').map((part) => whole('seeds', part, 0));
  if (from === undefined || to === undefined || to < from)
    throw new UsageError(`--seeds: '${text}' is no range such as 1000-1099.`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function faultsOf(text: string): FaultName[] {
  if (text === 'none') return [];
  if (text === 'all') return [...faultNames];
  return text.split(',').map((name) => {
    const found = faultNames.find((known) => known === name);
    if (!found) throw new UsageError(`--faults: '${name}' is none of all, none, ${faultNames.join(', ')}.`);
    return found;
  });
}
