import type { Ids } from './ids.js';
import * as p from './params.js';
import type { PendingDelivery } from './state-file.js';

/** Faults on demand, for tests and rehearsals; rates go from 0 to 1 and are drawn from the seed. */
export interface DeliveryMischief {
  drop?: number;
  duplicate?: number;
  delay_ms?: number;
  reorder?: boolean;
}
export interface RequestMischief {
  /** Answer with this status and do nothing. */
  status?: number;
  /** Do it, then never answer. */
  timeout_after_apply?: boolean;
  /** Do it, then cut the connection. */
  cut_after_apply?: boolean;
  /** Wait so long before doing it. */
  delay_ms?: number;
  /** How many requests it strikes. */
  times: number;
  /** Only requests whose `METHOD /path` contains this. */
  match?: string;
}

const rate = {
  read(value: Parameters<typeof p.decimal.read>[0], name: string): number {
    if (value === 'true') return 1;
    return Math.min(1, Math.max(0, Number(p.decimal.read(value, name))));
  },
};

export const mischiefShape = {
  deliveries: p.hash({ drop: rate, duplicate: rate, delay_ms: p.atLeast(0), reorder: p.flag }),
  requests: p.hash({
    status: p.atLeast(400),
    timeout_after_apply: p.flag,
    cut_after_apply: p.flag,
    delay_ms: p.atLeast(0),
    times: p.needed(p.atLeast(1)),
    match: p.text,
  }),
};

export class Mischief {
  deliveries: DeliveryMischief = {};
  requests: RequestMischief | undefined;

  constructor(readonly ids: Ids) {}

  stop(): void {
    this.deliveries = {};
    this.requests = undefined;
  }

  /** What strikes this request, counted. */
  strike(line: string): RequestMischief | undefined {
    const planned = this.requests;
    if (planned === undefined || planned.times === 0 || !line.includes(planned.match ?? '')) return undefined;
    planned.times -= 1;
    return planned;
  }

  arrange(planned: PendingDelivery[]): { kept: PendingDelivery[]; dropped: PendingDelivery[] } {
    const { drop = 0, duplicate = 0, reorder = false } = this.deliveries;
    const lost = new Set(planned.filter(() => drop > 0 && this.ids.chance() < drop));
    const kept = planned.filter((delivery) => !lost.has(delivery));
    const twice = kept.flatMap((delivery) =>
      duplicate > 0 && this.ids.chance() < duplicate ? [delivery, delivery] : [delivery],
    );
    return { kept: reorder ? twice.toReversed() : twice, dropped: [...lost] };
  }

  deliveryDelay(): number {
    return this.deliveries.delay_ms ?? 0;
  }
}
