import { Adversity } from './faults.js';
import { Lot } from './lot.js';
import { Lives } from './lives.js';
import type { Order } from './options.js';
import { examine } from './oracle.js';
import type { Verdict } from './oracle.js';
import type { Progress } from './progress.js';
import { BEGINNING, World } from './world.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/**
 * The house is waited for at the end of each stride, and acts of one stride share its moment; half as long, a run takes a
 * third more. Odd, so that renewals, which come at the hour at which somebody subscribed, do not fall into the second in
 * which others act.
 */
const STRIDE = 35 * HOUR + 31 * MINUTE;
/** Every schedule of the house comes round in it. */
const AFTERWARDS = 26 * HOUR;
const DRAIN_ROUNDS = 20;

/** What a run needs that outlives its worlds. */
export interface Ground {
  serverUrl: string;
  folder: string;
  /** Aborted when the process is to end: whatever runs is taken down. */
  ended: AbortSignal;
}

export interface Outcome extends Verdict {
  acts: number;
  strikes: number;
}

/** Lives one world. That it cannot be lived to its end, because the house does not start again, is a difference like others. */
export async function live(order: Order, ground: Ground, progress: Progress): Promise<Outcome> {
  try {
    return await liveToTheEnd(order, ground, progress);
  } catch (error) {
    if (ground.ended.aborted) throw error;
    const nothing = { events: 0, delivered: 0, acknowledged: 0, refetches: 0, emails: 0, acts: 0, strikes: 0 };
    const what = `it came to no end: ${error instanceof Error ? error.message : String(error)}`;
    return { ...nothing, refetched: [], lost: [], doubled: [], drift: [], pending: [what] };
  }
}

/** From its beginning to its rest; then it is looked at what has become of it. */
async function liveToTheEnd(order: Order, ground: Ground, progress: Progress): Promise<Outcome> {
  const world = await World.open(order, ground.serverUrl, ground.folder);
  try {
    const end = new Date(BEGINNING);
    end.setUTCMonth(end.getUTCMonth() + order.months);
    const lives = new Lives(world, end);
    const adversity = new Adversity(world, end);
    const lot = new Lot(order.seed, 'run');
    while (world.now < end) {
      ground.ended.throwIfAborted();
      const instants = await adversity.turn(world);
      const before = instants.filter(() => lot.chance(0.6));
      await beside(before, () => lives.actUntil(world));
      await world.resolveDoubt();
      const to = new Date(Math.min(world.now.getTime() + STRIDE, end.getTime()));
      await beside(
        instants.filter((instant) => !before.includes(instant)),
        () => world.advanceTo(to),
      );
      if (instants.length > 0) await world.hasten();
      progress.tell(world, lives.acts, adversity.strikes, end);
    }
    await adversity.cease(world);
    await comeToRest(world);
    return { ...(await examine(world)), acts: lives.acts, strikes: adversity.strikes };
  } finally {
    await world.close();
  }
}

async function beside(instants: Array<() => Promise<unknown>>, work: () => Promise<unknown>): Promise<void> {
  await Promise.all([work(), ...instants.map((instant) => instant())]);
}

/** No more acts and no more faults: whatever was held back comes, and every schedule comes round once. */
async function comeToRest(world: World): Promise<void> {
  await world.house.start();
  await world.controls.settle();
  await world.relay.deliverLate(true);
  await drain(world);
  await advance(world, AFTERWARDS);
  await drain(world);
}

/** Hour by hour, so that each schedule comes round as it would. */
async function advance(world: World, by: number): Promise<void> {
  const end = world.now.getTime() + by;
  while (world.now.getTime() < end) await world.advanceTo(new Date(world.now.getTime() + HOUR));
}

async function drain(world: World): Promise<void> {
  for (let round = 0; round < DRAIN_ROUNDS; round++) {
    await world.hasten();
    // Some of it is taken up by a schedule that comes round every minute.
    await world.advanceTo(new Date(world.now.getTime() + 2 * MINUTE));
    if (!(await isWaiting(world))) return;
  }
}

/** Whether anything waits for machine time. */
async function isWaiting({ database }: World): Promise<boolean> {
  const [row] = await database.query<{ waiting: boolean }>(`select
    exists (select from pgboss.job where state in ('created', 'retry') and name <> 'dead_letters')
    or exists (select from inbound_events where status = 'pending')
    or exists (select from operations where status = 'started')
    or exists (select from webhook_deliveries where status = 'pending') as waiting`);
  return row?.waiting === true;
}
