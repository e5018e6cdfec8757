import { differencesOf } from './oracle.js';
import type { Order } from './options.js';
import { Progress } from './progress.js';
import { live } from './run.js';
import type { Ground } from './run.js';

const LIMIT_MS = 600_000;

/** Smaller orders, the boldest first. */
function smaller(order: Order): Order[] {
  const { customers, months, faults, only } = order;
  const people = only ?? Array.from({ length: customers }, (_, number) => number);
  const half = Math.ceil(people.length / 2);
  return [
    ...faults.map((name) => ({ ...order, faults: faults.filter((other) => other !== name) })),
    ...(months > 1
      ? [
          { ...order, months: Math.ceil(months / 2) },
          { ...order, months: months - 1 },
        ]
      : []),
    ...(people.length > 1 ? [people.slice(0, half), people.slice(half)].map((some) => ({ ...order, only: some })) : []),
  ];
}

/** Tries smaller orders, each once, and goes on from whichever fails too; ten minutes at most. */
export async function shrink(failing: Order, ground: Ground, say: (line: string) => void): Promise<Order> {
  const deadline = performance.now() + LIMIT_MS;
  let smallest = failing;
  for (let candidates = smaller(smallest); candidates.length > 0;) {
    const [candidate] = candidates.splice(0, 1);
    if (!candidate || performance.now() > deadline || ground.ended.aborted) break;
    const difference = await differenceIn(candidate, ground);
    say(`${describe(candidate)}: ${difference ?? 'in order'}`);
    if (difference === undefined) continue;
    smallest = candidate;
    candidates = smaller(smallest);
  }
  return smallest;
}

/** Undefined: in order, or broken off. */
async function differenceIn(order: Order, ground: Ground): Promise<string | undefined> {
  try {
    return differencesOf(await live(order, ground, new Progress(1)))[0];
  } catch (error) {
    if (ground.ended.aborted) return undefined;
    throw error;
  }
}

function describe({ customers, months, faults, only }: Order): string {
  return `${only?.length ?? customers} customers, ${months} months, faults ${faults.join(', ') || 'none'}`;
}
