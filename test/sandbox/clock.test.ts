import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ClockFace } from '../../src/sandbox/clock.js';
import { TestSandbox } from './support.js';

let world: TestSandbox;
beforeEach(async () => {
  world = await TestSandbox.start({ now: new Date('2026-01-01T00:00:00Z') });
});
afterEach(() => world.close());

/** Lives in the sandbox's time as the application does: settles every step, and says what it has to do next. */
class Follower {
  readonly seen: string[] = [];
  #settled: number | null = null;
  #stopped = false;
  readonly #abort = new AbortController();
  /** What it does at a step before it has settled. */
  work: (face: ClockFace) => Promise<void> = () => Promise.resolve();
  nextDue: () => string | null = () => null;
  running: Promise<void> = Promise.resolve();

  constructor(readonly name: string) {}

  static async join(name: string, set: (follower: Follower) => void = () => undefined): Promise<Follower> {
    const follower = new Follower(name);
    set(follower);
    await follower.#step();
    follower.running = follower.#follow();
    return follower;
  }

  /** Hangs up in the middle of a call. */
  async die(): Promise<void> {
    this.#stopped = true;
    this.#abort.abort();
    await this.running;
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) await this.#step().catch(() => undefined);
  }

  async #step(): Promise<void> {
    const body = JSON.stringify({ follower: this.name, settled_step: this.#settled, next_due: this.nextDue() });
    const headers = { 'content-type': 'application/json' };
    const url = `${world.sandbox.url}/_sandbox/clock/follow`;
    const response = await fetch(url, { method: 'POST', headers, body, signal: this.#abort.signal });
    const face: ClockFace = JSON.parse(await response.text());
    if (face.step !== this.#settled) {
      this.seen.push(face.now.slice(0, 16));
      await this.work(face);
      this.#settled = face.step;
    }
  }
}

describe('the clock', () => {
  test('stands still when it is frozen, and never goes back', async () => {
    expect(await world.control('GET', 'clock')).toEqual({ now: '2026-01-01T00:00:00.000Z', mode: 'frozen', step: 0 });
    expect(await world.control('POST', 'clock/advance', { to: '2025-12-31T00:00:00Z' })).toMatchObject({
      error: { param: 'to', message: expect.stringContaining('does not go back') },
    });
    expect(await world.control('POST', 'clock/advance', { by: 'soon' })).toMatchObject({ error: { param: 'by' } });
    expect(await world.control('POST', 'clock/advance', { by: '1mo' })).toMatchObject({
      now: '2026-02-01T00:00:00.000Z',
      ran: 0,
    });
  });

  test('stops at every moment that is due, in order, and every event bears its own moment', async () => {
    const customer = await world.customerWith('pm_card_visa');
    await world.stripe.subscriptions.create({
      customer,
      items: [{ price: await world.price(1000, { interval: 'week' }) }],
    });
    expect(await world.advance('15d')).toMatchObject({ now: '2026-01-16T00:00:00.000Z', ran: 4 });
    const paid = await world.eventsOf('invoice.paid');
    expect(paid.map(({ created }) => new Date(created * 1000).toISOString().slice(0, 16))).toEqual([
      '2026-01-15T01:00',
      '2026-01-08T01:00',
      '2026-01-01T00:00',
    ]);
  });

  test('ticks with real time otherwise, and then reaches its moments by itself', async () => {
    const ticking = await TestSandbox.start({ frozen: false });
    const customer = await ticking.customerWith('pm_card_visa');
    const now = Date.parse(String((await ticking.control('GET', 'clock'))['now']));
    const soon = Math.ceil(now / 1000) + 1;
    const subscription = await ticking.stripe.subscriptions.create({
      customer,
      items: [{ price: await ticking.price() }],
      trial_end: soon,
    });
    let status: string = subscription.status;
    const deadline = Date.now() + 10_000;
    while (status === 'trialing' && Date.now() < deadline)
      status = (await ticking.stripe.subscriptions.retrieve(subscription.id)).status;
    expect(status).toBe('active');
    await ticking.close();
  });
});

describe('a follower', () => {
  test('sees every moment, settled before the next comes, and its own due moments are stopped at', async () => {
    const customer = await world.customerWith('pm_card_visa');
    await world.stripe.subscriptions.create({
      customer,
      items: [{ price: await world.price(1000, { interval: 'week' }) }],
    });
    const due = ['2026-01-03T12:00:00.000Z', '2026-01-09T12:00:00.000Z'];
    let settling = 0;
    const follower = await Follower.join('app', (one) => {
      one.nextDue = () => due[0] ?? null;
      one.work = async ({ now }) => {
        settling += 1;
        expect(settling).toBe(1);
        await world.stripe.customers.list({ limit: 1 });
        if (due[0] !== undefined && due[0] <= now) due.shift();
        settling -= 1;
      };
    });
    await world.advance('10d');
    expect(follower.seen.slice(2)).toEqual([
      '2026-01-03T12:00',
      '2026-01-08T00:00',
      '2026-01-08T01:00',
      '2026-01-09T12:00',
      '2026-01-11T00:00',
    ]);
    await follower.die();
  });

  test('that calls the API while it settles is given the events of that, and settles them too, before time goes on', async () => {
    const steps: string[] = [];
    const follower = await Follower.join('app', (one) => {
      one.work = async ({ now }) => {
        steps.push(now.slice(0, 10));
        if (steps.length === 3) await world.stripe.customers.create({});
      };
    });
    await world.advance('1d');
    expect(steps).toEqual(['2026-01-01', '2026-01-01', '2026-01-02', '2026-01-02']);
    await follower.die();
  });

  test('is asked at most once per `sync` of the sandbox’s time, and at the end', async () => {
    const customer = await world.customerWith('pm_card_visa');
    await world.stripe.subscriptions.create({
      customer,
      items: [{ price: await world.price(100, { interval: 'day' }) }],
    });
    const follower = await Follower.join('app');
    await world.control('POST', 'clock/advance', { by: '30d', sync: '7d' });
    expect(follower.seen.slice(2).map((moment) => moment.slice(0, 10))).toEqual([
      '2026-01-08',
      '2026-01-15',
      '2026-01-22',
      '2026-01-29',
      '2026-01-31',
    ]);
    expect(await world.stripe.invoices.list({ customer, limit: 100 })).toMatchObject({ data: { length: 31 } });
    await follower.die();
  });

  test('whose connection closes, and who does not come back, holds nobody up', async () => {
    const follower = await Follower.join('app');
    // Once this is answered, its next call waits at the sandbox.
    await world.control('POST', 'settle');
    await follower.die();
    const before = Date.now();
    await world.advance('1d');
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(world.lines).toContainEqual(expect.objectContaining({ msg: 'clock follower dropped', follower: 'app' }));
  });

  test('is settled by `settle` without the clock moving', async () => {
    const follower = await Follower.join('app');
    const { now, step } = await world.control('POST', 'settle');
    expect([now, step]).toEqual(['2026-01-01T00:00:00.000Z', 1]);
    expect(follower.seen).toEqual(['2026-01-01T00:00', '2026-01-01T00:00']);
    await follower.die();
  });
});
