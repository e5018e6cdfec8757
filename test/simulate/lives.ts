import { acts } from './acts.js';
import type { Standing } from './acts.js';
import { Lot } from './lot.js';
import type { World } from './world.js';

const DAY = 86_400_000;
/** Between two acts of one customer, on the average. */
const MEAN_GAP_DAYS = 70;
/** The part of the time in which customers come; after it nobody joins any more. */
const JOINING = 0.95;
const AT_ONCE = 6;
/** More than the faults that one spell of Stripe's holds. */
const MOST_LOOKS = 10;

/** One customer of the many; of Stripe's objects only the id is kept. */
class Life {
  private customer: string | null = null;
  private acts = 0;
  /** When it acts next. */
  next: number;

  constructor(
    private readonly number: number,
    private readonly lot: Lot,
    begin: number,
    span: number,
  ) {
    this.next = begin + lot.between(0, span * JOINING);
  }

  /** @returns the name of the act */
  async act(world: World): Promise<string> {
    this.next += DAY * this.lot.gap(MEAN_GAP_DAYS);
    const tag = `${this.number}x${this.acts++}`;
    if (this.customer === null) {
      await this.join(world);
      // Whoever signs up mostly goes on to subscribe; whoever could not tries again.
      if (this.lot.chance(0.8) || this.customer === null)
        this.next = world.now.getTime() + DAY * this.lot.between(0, 1);
      return 'join';
    }
    const standing = await standingOf(world, this.customer);
    const chosen = standing && this.lot.weighted(acts.filter(({ possible }) => possible(standing)));
    if (!standing || !chosen) {
      // Deleted: some come back as somebody new.
      this.customer = null;
      if (this.lot.chance(0.5)) this.next = Infinity;
      return 'leave';
    }
    world.diary.note(`${this.customer} ${chosen.name}`);
    await chosen.perform({ ...standing, world, lot: this.lot, tag });
    return chosen.name;
  }

  private async join(world: World): Promise<void> {
    const name = `life-${this.number}`;
    const { body } = await world.app.ask<{ id?: string }>('POST', '/v1/customers', {
      external_id: name,
      email: `${name}@example.com`,
      name: `Customer ${this.number}`,
      locale: this.lot.pick(['en', 'de']),
    });
    this.customer = body.id?.startsWith('cus_') ? body.id : null;
  }
}

/** All lives of a world, and when they act. */
export class Lives {
  private readonly lives: Life[];
  readonly done = new Map<string, number>();

  constructor(world: World, end: Date) {
    const { seed, customers, only } = world.order;
    const begin = world.now.getTime();
    this.lives = Array.from({ length: customers }, (_, number) => number)
      .filter((number) => only === null || only.includes(number))
      .map((number) => new Life(number, new Lot(seed, 'life', number), begin, end.getTime() - begin));
  }

  get acts(): number {
    return [...this.done.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Lets all act whose moment has come, several at a time and each once. */
  async actUntil(world: World): Promise<void> {
    const due = this.lives.filter(({ next }) => next <= world.now.getTime()).values();
    const lanes = Array.from({ length: AT_ONCE }, async () => {
      for (const life of due) {
        const name = await life.act(world);
        this.done.set(name, (this.done.get(name) ?? 0) + 1);
      }
    });
    await Promise.all(lanes);
  }
}

/** Null: deleted. */
async function standingOf({ stripe }: World, id: string): Promise<Standing | null> {
  const customer = await persistently(() => stripe.customers.retrieve(id));
  if (customer.deleted) return null;
  const [subscriptions, payments, cards] = await Promise.all([
    persistently(() => stripe.subscriptions.list({ customer: id, limit: 1 })),
    persistently(() => stripe.paymentIntents.list({ customer: id, limit: 10 })),
    persistently(() => stripe.customers.listPaymentMethods(id, { limit: 10 })),
  ]);
  return { customer: id, subscription: subscriptions.data[0] ?? null, payments: payments.data, cards: cards.data };
}

/** The faults that Stripe is given are meant for the house, but strike whoever asks. */
async function persistently<T>(look: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await look();
    } catch (error) {
      if (attempt === MOST_LOOKS) throw error;
    }
  }
}
