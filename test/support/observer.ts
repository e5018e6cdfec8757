import { Transactions } from '../../src/database/transactions.js';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import { startReceiver } from '../webhooks/outbound/receiver.js';
import type { Receiver } from '../webhooks/outbound/receiver.js';
import type { World } from './world.js';

/** What a step brought about, each list sorted, because listeners work side by side. */
export interface Seen {
  events: string[];
  emails: string[];
  webhooks: string[];
  /** `METHOD path` with ids shortened to their prefix. */
  calls: string[];
}

/** Watches a world from outside: everything since it was last asked. */
export class Observer {
  private lastEvent = '';
  private mails = 0;
  private hooks = 0;

  private constructor(
    private readonly world: World,
    private readonly receiver: Receiver,
  ) {}

  /** Registers a webhook endpoint for everything. */
  static async watch(world: World): Promise<Observer> {
    const receiver = await startReceiver();
    await world.api.post('/v1/webhook_endpoints', { url: receiver.url, events: ['*'] });
    const observer = new Observer(world, receiver);
    await observer.see();
    return observer;
  }

  async see(): Promise<Seen> {
    await this.world.sandbox.settle();
    const rows = await this.world
      .get(Transactions)
      .reader()
      .find(DomainEventRow, { id: { $gt: this.lastEvent } }, { orderBy: { id: 'asc' } });
    this.lastEvent = rows.at(-1)?.id ?? this.lastEvent;
    const mails = this.world.smtp.messages.slice(this.mails);
    this.mails += mails.length;
    const hooks = this.receiver.received.slice(this.hooks);
    this.hooks += hooks.length;
    const calls = await this.world.sandbox.requests();
    await this.world.sandbox.forgetRequests();
    return {
      events: rows.map(({ type }) => type).toSorted(),
      emails: mails.map(({ subject }) => subject ?? '').toSorted(),
      webhooks: hooks.map(({ body }) => (JSON.parse(body) as { type: string }).type).toSorted(),
      calls: calls
        .map(({ method, path }) => `${method} ${path.replaceAll(/\/(cus|pm|sub|in|pi|re|ch)_\w+/g, '/$1_…')}`)
        .toSorted(),
    };
  }

  close(): Promise<void> {
    return this.receiver.close();
  }
}
