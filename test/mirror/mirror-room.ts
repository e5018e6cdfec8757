import { createRequire } from 'node:module';
import type { Provider } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import Stripe from 'stripe';
import type { Runtime } from '../../config/runtime.js';
import { customerMirror } from '../../src/customers/customer-from-stripe.js';
import { Customer } from '../../src/customers/customer.entity.js';
import { Clock } from '../../src/database/clock.js';
import { ENV } from '../../src/database/env.token.js';
import { Transactions } from '../../src/database/transactions.js';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import { Commands } from '../../src/mirror/commands.js';
import { MirrorRegistry } from '../../src/mirror/mirror-registry.js';
import { Mirror } from '../../src/mirror/mirror.js';
import type { EventSnapshot } from '../../src/mirror/mirror.js';
import type { StripeObject } from '../../src/mirror/mirrored-object.js';
import { Refetch } from '../../src/mirror/refetch.js';
import { invoiceMirror } from '../../src/payments/invoice-from-stripe.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { PINNED_API_VERSION } from '../../src/stripe/api-version.js';
import { StripeApi } from '../../src/stripe/stripe-api.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';
import { SandboxControls } from '../support/sandbox-controls.js';

export const NOW = new Date('2026-01-15T09:00:00Z');

/** The mirror of customers and invoices over a real database, with a sandbox whose events nobody delivers. */
export class MirrorRoom {
  readonly controls: SandboxControls;
  /** Speaks to the sandbox behind the mirror's back. */
  readonly stripe: Stripe;
  private events = 0;

  private constructor(
    readonly room: Room,
    private readonly sandbox: Sandbox,
  ) {
    this.controls = new SandboxControls(sandbox.url);
    this.stripe = new Stripe('sk_test_elsewhere', {
      host: '127.0.0.1',
      port: sandbox.port,
      protocol: 'http',
      apiVersion: PINNED_API_VERSION,
      telemetry: false,
    });
  }

  static async open(providers: Provider[] = []): Promise<MirrorRoom> {
    const sandbox = await startSandbox({ port: 0, seed: 7, frozen: true, now: NOW });
    const stripeApi = {
      provide: StripeApi,
      inject: [ENV],
      useFactory: (env: Runtime) => new StripeApi({ ...env, stripe: { ...env.stripe, sandboxUrl: sandbox.url } }),
    };
    const room = await openRoom([stripeApi, MirrorRegistry, Mirror, Refetch, Commands, ...providers]);
    room.get(Clock).turn(NOW, 'frozen');
    room.get(MirrorRegistry).mirror(customerMirror, invoiceMirror);
    return new MirrorRoom(room, sandbox);
  }

  get mirror(): Mirror {
    return this.room.get(Mirror);
  }

  get commands(): Commands {
    return this.room.get(Commands);
  }

  run<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.room.get(Transactions).run(work);
  }

  reader(): EntityManager {
    return this.room.get(Transactions).reader();
  }

  /** An event of an object, `after` seconds after the sandbox's beginning. */
  event(
    type: string,
    object: StripeObject | Stripe.Customer,
    after: number,
    over: Partial<EventSnapshot> = {},
  ): EventSnapshot {
    return {
      event: `evt_${++this.events}`,
      type,
      api_version: PINNED_API_VERSION,
      created: new Date(NOW.getTime() + after * 1000),
      object,
      previous_attributes: null,
      ...over,
    };
  }

  /** Applies events in one transaction. @returns their verdicts, in order */
  async apply(...events: EventSnapshot[]): Promise<unknown[]> {
    const verdicts = await this.run((em) => this.mirror.applyEvents(em, events));
    return events.map(({ event }) => verdicts.get(event));
  }

  customer(id: string): Promise<Customer | null> {
    return this.reader().findOne(Customer, id, { populate: ['data'] });
  }

  /** The types of the domain events about an object, oldest first. */
  async told(object: string): Promise<string[]> {
    const rows = await this.reader().find(DomainEventRow, { object }, { orderBy: { id: 'asc' } });
    return rows.map(({ type }) => type);
  }

  async close(): Promise<void> {
    await this.room.close();
    await this.sandbox.close();
  }
}

/** What MikroORM, which has a copy of the driver of its own, speaks to PostgreSQL through: a simple query, or one with parameters, new or prepared. */
export function wireOfTheOrm(): { query(): void; bind(): void } {
  const connection: { prototype: { query(): void; bind(): void } } = createRequire(
    import.meta.resolve('@mikro-orm/postgresql'),
  )('pg/lib/connection');
  return connection.prototype;
}
