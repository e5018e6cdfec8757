import { setTimeout as wait } from 'node:timers/promises';
import { Lot } from './lot.js';
import { CALM } from './relay.js';
import type { World } from './world.js';

const DAY = 86_400_000;
const MONTH = 30 * DAY;

export const faultNames = ['kill', 'database', 'stripe', 'deliveries', 'smtp', 'receivers'] as const;
export type FaultName = (typeof faultNames)[number];

/** Something goes wrong, at once or for a while. What strikes in an instant does so beside whatever else happens then. */
interface Fault {
  /** How often in a month, on the average. */
  perMonth: number;
  /** Days of the virtual clock; 0: an instant. */
  lasts: [number, number];
  begin: (world: World, lot: Lot) => Promise<unknown>;
  end?: (world: World) => Promise<unknown>;
}

/** One switch each. A fault that is added joins with a line here and in `faultNames`. */
const faults: Record<FaultName, Fault> = {
  kill: {
    perMonth: 0.8,
    lasts: [0, 0],
    begin: async ({ house }, lot) => {
      await wait(lot.between(0, 400));
      await house.kill();
      await house.start();
    },
  },
  database: {
    perMonth: 2,
    lasts: [0, 0],
    begin: async ({ database }, lot) => {
      for (let cut = lot.whole(1, 3); cut > 0; cut--) {
        await wait(lot.between(0, 200));
        await database.cutConnections();
      }
      await database.takeOverOrphans();
    },
  },
  stripe: {
    perMonth: 4,
    lasts: [0.5, 2],
    begin: ({ controls }, lot) =>
      controls.mischief({
        requests: {
          ...lot.pick([
            { status: 429 },
            { status: 500 },
            { status: 503 },
            { cut_after_apply: true },
            { delay_ms: 1500 },
          ]),
          times: lot.whole(1, 6),
          ...(lot.chance(0.5) && { match: lot.pick(['POST /v1/', 'GET /v1/events', 'GET /v1/']) }),
        },
      }),
    end: ({ controls }) => controls.behave(),
  },
  deliveries: {
    perMonth: 3,
    lasts: [0.5, 6],
    begin: async ({ relay }, lot) => {
      const rate = () => (lot.chance(0.4) ? lot.between(0, 0.5) : 0);
      relay.turmoil = { drop: rate(), duplicate: rate(), reorder: rate(), late: rate(), unreceipted: rate() };
      if (lot.chance(0.1)) relay.turmoil.drop = 1;
    },
    end: async ({ relay }) => (relay.turmoil = CALM),
  },
  smtp: {
    perMonth: 1.5,
    lasts: [0.5, 4],
    begin: async ({ letterbox }, lot) => (letterbox.mood = lot.pick(['later', 'never', 'down'])),
    end: async ({ letterbox }) => (letterbox.mood = 'up'),
  },
  receivers: {
    perMonth: 1.5,
    lasts: [0.5, 4],
    begin: async ({ receivers }, lot) => (receivers.troubled.mood = lot.pick(['failing', 'slow', 'gone'])),
    end: async ({ receivers, app, endpoints }) => {
      receivers.troubled.mood = 'well';
      await app.ask('PATCH', `/v1/webhook_endpoints/${endpoints.troubled}`, { status: 'enabled' });
    },
  },
};

interface Planned {
  name: FaultName;
  fault: Fault;
  lot: Lot;
  begins: number;
  ends: number;
}

/** Every fault of a world with its moment, known from the beginning. */
export class Adversity {
  private readonly planned: Planned[];
  private readonly lasting: Planned[] = [];
  strikes = 0;

  constructor(world: World, end: Date) {
    const { seed, faults: switched } = world.order;
    this.planned = switched
      .flatMap((name) => plan(name, new Lot(seed, 'fault', name), world.now.getTime(), end.getTime()))
      .toSorted((a, b) => a.begins - b.begins);
  }

  /** Ends and begins what has come to its moment. @returns what strikes in an instant, to be done beside the rest */
  async turn(world: World): Promise<Array<() => Promise<unknown>>> {
    const now = world.now.getTime();
    for (const over of this.lasting.filter(({ ends }) => ends <= now)) await this.end(world, over);
    const instants: Array<() => Promise<unknown>> = [];
    while (this.planned[0] && this.planned[0].begins <= now) {
      const [planned] = this.planned.splice(0, 1);
      if (!planned) break;
      this.strikes++;
      const { name, fault, lot } = planned;
      world.diary.note(`fault: ${name}`);
      if (fault.lasts[1] === 0) instants.push(() => fault.begin(world, lot));
      else if (!this.lasting.some((other) => other.fault === fault)) {
        await fault.begin(world, lot);
        this.lasting.push(planned);
      }
    }
    return instants;
  }

  /** Ends whatever lasts. */
  async cease(world: World): Promise<void> {
    this.planned.length = 0;
    for (let one = this.lasting[0]; one; one = this.lasting[0]) await this.end(world, one);
  }

  private async end(world: World, planned: Planned): Promise<void> {
    this.lasting.splice(this.lasting.indexOf(planned), 1);
    world.diary.note(`over: ${planned.name}`);
    await planned.fault.end?.(world);
    await world.hasten();
  }
}

function plan(name: FaultName, lot: Lot, begin: number, end: number): Planned[] {
  const fault = faults[name];
  const planned: Planned[] = [];
  for (;;) {
    const at = (planned.at(-1)?.begins ?? begin) + lot.gap(MONTH / fault.perMonth);
    if (at >= end) return planned;
    const lasts = DAY * lot.between(...fault.lasts);
    planned.push({ name, fault, lot: new Lot(lot.whole(0, 2 ** 31), name), begins: at, ends: at + lasts });
  }
}
