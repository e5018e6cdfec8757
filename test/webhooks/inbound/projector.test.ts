import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import type Stripe from 'stripe';
import { MirrorRegistry } from '../../../src/mirror/mirror-registry.js';
import { StripeApi } from '../../../src/stripe/stripe-api.js';
import { StripeUnavailable } from '../../../src/stripe/stripe.errors.js';
import { InboundEvent } from '../../../src/webhooks/inbound/inbound-event.entity.js';
import { InboundTallies } from '../../../src/webhooks/inbound/inbound-tallies.js';
import { Inbox } from '../../../src/webhooks/inbound/inbox.js';
import { Projector } from '../../../src/webhooks/inbound/projector.js';
import { readEnvelope } from '../../../src/webhooks/inbound/read-envelope.js';
import { customerFixture } from '../../customers/fixtures.js';
import { MirrorRoom, NOW, wireOfTheOrm } from '../../mirror/mirror-room.js';
import { invoiceFixture } from '../../payments/fixtures.js';
import { eventBody } from '../../support/stripe-event.js';
import type { EventFields } from '../../support/stripe-event.js';

const SECOND = NOW.getTime() / 1000;

let house: MirrorRoom;
let deriving: () => Promise<void>;

beforeAll(async () => {
  house = await MirrorRoom.open([InboundTallies, Inbox, Projector]);
  Logger.overrideLogger(false);
  house.room.get(MirrorRegistry).derive(() => deriving());
});
beforeEach(async () => {
  deriving = async () => {};
  await house.run((em) => em.nativeDelete(InboundEvent, {}));
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => house.close());

function arrive(...events: Array<Partial<EventFields> & Pick<EventFields, 'type' | 'object'>>): Promise<unknown> {
  const inbox = house.room.get(Inbox);
  return Promise.all(
    events.map((event) => inbox.store(readEnvelope(Buffer.from(eventBody({ created: SECOND, ...event })), false))),
  );
}

function created(name: string, over: Partial<Stripe.Customer> = {}): EventFields {
  const object = customerFixture({ id: `cus_${name}`, name, ...over });
  return { id: `evt_${name}`, type: 'customer.created', created: SECOND, object };
}

/** PostgreSQL takes it for the inbox, where it is spelled in JSON, and not for a column. */
function poison(name: string): EventFields {
  return created(name, { name: 'with a \0 in it' });
}

/** Of another API version: it is not trusted, and its object is fetched. */
function foreign(id: string, customer: string): EventFields {
  const object = { id: customer, object: 'customer' };
  return { id, type: 'customer.updated', created: SECOND, object, api_version: '2020-08-27' };
}

function project(): Promise<number> {
  return house.room.get(Projector).projectBatch();
}

function row(name: string): Promise<InboundEvent> {
  return house.reader().findOneOrFail(InboundEvent, `evt_${name}`);
}

/** As if the backoff of what failed had passed. */
function passBackoff(): Promise<number> {
  return house.run((em) => em.nativeUpdate(InboundEvent, { status: 'pending' }, { next_attempt_at: new Date(0) }));
}

describe('a batch', () => {
  test('is projected oldest first, at most 200 events at a time, and marked handled', async () => {
    await arrive(
      ...Array.from({ length: 450 }, (_, index) => ({ ...created(`batch_${index}`), created: SECOND - index })),
    );
    expect([await project(), await project(), await project(), await project()]).toEqual([200, 200, 50, 0]);
    expect(await row('batch_449')).toMatchObject({ status: 'handled', decision: 'apply', attempts: 0, error: null });
    const [first, last] = [await row('batch_449'), await row('batch_0')];
    expect(first.handled_at?.getTime()).toBeLessThan(last.handled_at?.getTime() ?? 0);
    expect(await house.customer('cus_batch_0')).toMatchObject({ name: 'batch_0', cause: 'evt_batch_0' });
  });

  test('takes eight round trips, however many its events, with all that is counted', async () => {
    const trips: number[] = [];
    for (const size of [2, 100]) {
      await arrive(...Array.from({ length: size }, (_, index) => created(`trips_${size}_${index}`)));
      const wire = wireOfTheOrm();
      const sent = [jest.spyOn(wire, 'query'), jest.spyOn(wire, 'bind')];
      expect(await project()).toBe(size);
      trips.push(sent.reduce((sum, spy) => sum + spy.mock.calls.length, 0));
      jest.restoreAllMocks();
    }
    // Begin, claim, lock, read, write, tell, mark handled, commit.
    expect(trips).toEqual([8, 8]);
  });

  test('passes over what is about nothing that is mirrored', async () => {
    const preview = invoiceFixture({ id: 'upcoming_in_1', status: 'draft' });
    await arrive(
      { id: 'evt_preview', type: 'invoice.upcoming', object: preview },
      { id: 'evt_other', type: 'charge.succeeded', object: { id: 'ch_1', object: 'charge' } },
      { id: 'evt_no_id', type: 'balance.available', object: { object: 'balance' } },
    );
    expect(await project()).toBe(3);
    for (const name of ['preview', 'other', 'no_id'])
      expect(await row(name)).toMatchObject({ status: 'handled', decision: 'unprojected' });
    expect(await house.reader().getConnection().execute("select 1 from invoices where id like 'upcoming%'")).toEqual(
      [],
    );
  });

  test('that another worker holds is left to it, and free the moment that one dies', async () => {
    await arrive(created('claimed'));
    const other = new pg.Client({ connectionString: house.room.runtime.database.url });
    other.on('error', () => {});
    await other.connect();
    try {
      // The lightest lock that keeps a claim out: it would hold up no projector that took no lock of its own.
      await other.query("begin; select from inbound_events where status = 'pending' for key share");
      expect(await project()).toBe(0);
      const { rows } = await other.query<{ pid: number }>('select pg_backend_pid() as pid');
      const ended = new Promise((resolve) => other.once('end', resolve));
      await house.reader().getConnection().execute('select pg_terminate_backend(?)', [rows[0]?.pid]);
      await ended;
    } finally {
      // Whatever failed here must not hold its lock, and the end of the tests, for ever.
      await other.end();
    }
    expect(await project()).toBe(1);
    expect(await row('claimed')).toMatchObject({ status: 'handled' });
  });

  test('that cannot be claimed is no fault of its events', async () => {
    await arrive(created('unclaimed'));
    jest.spyOn(house.mirror, 'applyEvents').mockRejectedValue(new Error('never reached'));
    await house.reader().getConnection().execute('alter table inbound_events rename to elsewhere');
    await expect(project()).rejects.toThrow('inbound_events');
    await house.reader().getConnection().execute('alter table elsewhere rename to inbound_events');
    expect(await row('unclaimed')).toMatchObject({ status: 'pending', attempts: 0, error: null });
  });
});

describe('poison', () => {
  test('is halved out of its batch: it alone fails, and waits', async () => {
    const good = Array.from({ length: 20 }, (_, index) => `good_${index}`);
    await arrive(...good.slice(0, 7).map((name) => created(name)), poison('bad_1'));
    await arrive(...good.slice(7).map((name) => created(name)), poison('bad_2'));
    expect(await project()).toBe(22);
    for (const name of good) {
      expect(await row(name)).toMatchObject({ status: 'handled', decision: 'apply', attempts: 0 });
      expect(await house.customer(`cus_${name}`)).toMatchObject({ name });
    }
    for (const name of ['bad_1', 'bad_2']) {
      const failed = await row(name);
      expect(failed).toMatchObject({ status: 'pending', attempts: 1, error: expect.stringContaining('0x00') });
      expect(failed.next_attempt_at.getTime()).toBeGreaterThan(Date.now());
    }
    expect(await project()).toBe(0);
  });

  test('ends in the dead letters after its attempts, with its error, and others go on', async () => {
    await arrive(poison('deadly'));
    for (let attempt = 1; attempt <= 8; attempt++) {
      await arrive(created(`beside_${attempt}`));
      expect(await row('deadly')).toMatchObject({ status: 'pending', attempts: attempt - 1 });
      await passBackoff();
      expect(await project()).toBe(2);
      expect(await row(`beside_${attempt}`)).toMatchObject({ status: 'handled' });
    }
    expect(await row('deadly')).toMatchObject({ status: 'dead', attempts: 8, error: expect.stringContaining('0x00') });
    await passBackoff();
    expect(await project()).toBe(0);
  });

  test('whose error cannot be written either is still counted', async () => {
    deriving = () => Promise.reject(new Error('derived \0 from it'));
    await arrive(created('unwritable'));
    expect(await project()).toBe(1);
    expect(await row('unwritable')).toMatchObject({ attempts: 1, error: 'Error: derived \uFFFD from it' });
  });

  test('that is cured is projected, and its error forgotten', async () => {
    deriving = () => Promise.reject(new Error('not yet'));
    await arrive(created('cured'));
    await project();
    deriving = async () => {};
    await passBackoff();
    await project();
    expect(await row('cured')).toMatchObject({ status: 'handled', decision: 'apply', attempts: 1, error: null });
  });
});

describe('what is in doubt', () => {
  test('is asked once for all events of one object', async () => {
    const [ada, bob] = [
      await house.stripe.customers.create({ name: 'Ada' }),
      await house.stripe.customers.create({ name: 'Bob' }),
    ];
    await arrive(
      ...Array.from({ length: 20 }, (_, index) => foreign(`evt_ada_${index}`, ada.id)),
      foreign('evt_bob', bob.id),
    );
    await house.controls.forgetRequests();
    expect(await project()).toBe(21);
    const asked = (await house.controls.requests()).map(({ method, path }) => `${method} ${path}`);
    expect(asked.toSorted()).toEqual([`GET /v1/customers/${ada.id}`, `GET /v1/customers/${bob.id}`].toSorted());
    expect(await row('ada_19')).toMatchObject({ status: 'handled', decision: 'refetch' });
    expect(await house.customer(ada.id)).toMatchObject({ name: 'Ada', revision: 1 });
    expect(await house.customer(bob.id)).toMatchObject({ name: 'Bob', cause: 'evt_bob' });
  });

  test('waits while Stripe is away, however long, and holds up nobody', async () => {
    const ada = await house.stripe.customers.create({ name: 'Patient' });
    await arrive(foreign('evt_waiting', ada.id));
    const away = jest.spyOn(house.room.get(StripeApi), 'read').mockRejectedValue(new StripeUnavailable(null));
    for (let attempt = 1; attempt <= 12; attempt++) {
      await arrive(created(`meanwhile_${attempt}`));
      await passBackoff();
      await project();
      expect(await row(`meanwhile_${attempt}`)).toMatchObject({ status: 'handled' });
      expect(await row('waiting')).toMatchObject({
        status: 'pending',
        attempts: attempt,
        error: expect.stringContaining('StripeUnavailable'),
      });
    }
    away.mockRestore();
    await passBackoff();
    await project();
    expect(await row('waiting')).toMatchObject({ status: 'handled', decision: 'refetch', error: null });
    expect(await house.customer(ada.id)).toMatchObject({ name: 'Patient' });
  });

  test('and cannot be fetched, because Stripe has it no longer, is kept aside with the reason', async () => {
    const gone = await house.stripe.customers.create({ name: 'Gone' });
    await house.stripe.customers.del(gone.id);
    const deletion = { ...foreign('evt_gone_deleted', gone.id), type: 'customer.deleted' };
    await arrive(foreign('evt_gone', gone.id), deletion);
    await project();
    expect(await row('gone')).toMatchObject({
      status: 'quarantined',
      error: `written in API version 2020-08-27, and Stripe has no ${gone.id} to fetch instead`,
    });
    // That it was deleted is all that this one tells.
    expect(await row('gone_deleted')).toMatchObject({ status: 'handled', decision: 'refetch' });
    expect(await project()).toBe(0);
  });

  test('of one object that cannot be fetched leaves the others their turn', async () => {
    const [ada, bob] = [await house.stripe.customers.create(), await house.stripe.customers.create()];
    await arrive(foreign('evt_1_stuck', ada.id), foreign('evt_2_fine', bob.id));
    await house.controls.mischief({ requests: { status: 401, times: 1, match: ada.id } });
    await project();
    expect(await row('1_stuck')).toMatchObject({ status: 'pending', attempts: 1 });
    expect(await row('2_fine')).toMatchObject({ status: 'handled' });
    await house.controls.behave();
  });

  test('tells its facts only when the mirror knows as much as they do', async () => {
    const customer = await house.stripe.customers.create();
    const invoice = await house.stripe.invoices.create({ customer: customer.id });
    const open = { ...invoice, attempt_count: 1, status: 'open' };
    const attempted = { ...open, metadata: { to: 'be doubted' } };
    await arrive({ id: 'evt_open', type: 'invoice.updated', created: SECOND, object: open });
    await project();
    const away = jest.spyOn(house.room.get(StripeApi), 'read').mockRejectedValue(new StripeUnavailable(null));
    await arrive({ id: 'evt_fact', type: 'invoice.payment_failed', created: SECOND, object: attempted });
    await project();
    expect(await row('fact')).toMatchObject({ status: 'pending', attempts: 1 });
    expect(await house.told(invoice.id)).toEqual([]);

    away.mockRestore();
    await passBackoff();
    await project();
    expect(await row('fact')).toMatchObject({ status: 'handled', decision: 'refetch' });
    expect(await house.told(invoice.id)).toEqual(['invoice.payment_failed']);
  });

  test('tells the facts of another API version off what was fetched, once', async () => {
    const customer = await house.stripe.customers.create();
    const invoice = await house.stripe.invoices.create({ customer: customer.id });
    const failed = (id: string) => ({ ...foreign(id, ''), type: 'invoice.payment_failed', object: invoice });
    await arrive(failed('evt_fact_1'), failed('evt_fact_2'));
    await project();
    expect(await house.told(invoice.id)).toEqual(['invoice.payment_failed']);
  });
});
