import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { Runtime } from '../../config/runtime.js';
import { ENV } from './env.token.js';

/** Held, shared, by every process for as long as it lives: whoever gets it for itself alone knows that all others are dead. */
export const PRESENCE_LOCK = 7_310_002;

const LONGEST_CONNECT_MS = 3000;
/** A connection whose other end is gone without a word (a failed host, a firewall) never ends by itself: it is asked. */
const HEARTBEAT_MS = 10_000;
const LONGEST_ANSWER_MS = 3000;
const RECONNECT_MS = [100, 250, 500, 1000, 2000, 5000];

interface Subscription {
  onNotify: (payload: string) => void;
  /** Called after every (re)connection: notifications may have been missed before it. */
  onConnect: () => void;
}

/**
 * One dedicated connection that LISTENs for all rooms; it reconnects by itself. LISTEN needs a session of its own, so it
 * must not go through PgBouncer in transaction mode.
 */
@Injectable()
export class PgListener implements OnApplicationShutdown {
  private readonly logger = new Logger(PgListener.name);
  private readonly channels = new Map<string, Subscription[]>();
  private client: pg.Client | null = null;
  private connecting: Promise<void> | null = null;
  private reconnect: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private attempts = 0;
  private stopped = false;

  constructor(@Inject(ENV) private readonly env: Runtime) {}

  /** True while notifications arrive; when false, what is cached may be stale. */
  get connected(): boolean {
    return this.client !== null;
  }

  async listen(channel: string, onNotify: (payload: string) => void, onConnect: () => void = () => {}): Promise<void> {
    const subscriptions = this.channels.get(channel) ?? [];
    this.channels.set(channel, [...subscriptions, { onNotify, onConnect }]);
    // One that comes while a connection is being opened may be too late for its LISTEN.
    if (this.connecting) await this.connecting;
    if (this.client === null) return this.connect();
    try {
      await this.client.query(`listen ${pg.escapeIdentifier(channel)}`);
      onConnect();
    } catch (error) {
      // The connection has just been lost: the next one LISTENs to this channel too.
      this.logger.warn(`LISTEN connection: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.reconnect);
    clearTimeout(this.heartbeat);
    await this.connecting;
    const client = this.client;
    this.client = null;
    await client?.end();
  }

  private connect(): Promise<void> {
    this.connecting ??= this.open().finally(() => (this.connecting = null));
    return this.connecting;
  }

  private async open(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.env.database.url,
      application_name: 'good-standing listen',
      connectionTimeoutMillis: LONGEST_CONNECT_MS,
      keepAlive: true,
    });
    client.on('error', (error) => this.logger.warn(`LISTEN connection: ${error.message}`));
    client.on('end', () => this.lost(client));
    client.on('notification', ({ channel, payload }) => {
      for (const { onNotify } of this.channels.get(channel) ?? []) onNotify(payload ?? '');
    });
    try {
      await client.connect();
      const channels = [...this.channels.keys()];
      await client.query(channels.map((channel) => `listen ${pg.escapeIdentifier(channel)}`).join(';'));
      await client.query('select pg_advisory_lock_shared($1)', [PRESENCE_LOCK]);
      this.client = client;
      this.attempts = 0;
      this.askLater(client);
      for (const { onConnect } of [...this.channels.values()].flat()) onConnect();
    } catch (error) {
      this.logger.warn(`LISTEN connection: ${error instanceof Error ? error.message : String(error)}`);
      await client.end().catch((end: Error) => this.logger.debug(end.message));
      this.retryLater();
    }
  }

  private askLater(client: pg.Client): void {
    clearTimeout(this.heartbeat);
    this.heartbeat = setTimeout(() => void this.ask(client), HEARTBEAT_MS);
  }

  private async ask(client: pg.Client): Promise<void> {
    try {
      const question = { text: 'select 1', query_timeout: LONGEST_ANSWER_MS };
      await client.query(question);
      if (this.client === client) this.askLater(client);
    } catch (error) {
      if (this.client !== client) return;
      this.logger.warn(`LISTEN connection: ${error instanceof Error ? error.message : String(error)}`);
      this.lost(client);
      await client.end();
    }
  }

  private lost(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = null;
    clearTimeout(this.heartbeat);
    this.retryLater();
  }

  private retryLater(): void {
    if (this.stopped) return;
    const delay = RECONNECT_MS[Math.min(this.attempts++, RECONNECT_MS.length - 1)];
    clearTimeout(this.reconnect);
    this.reconnect = setTimeout(() => void this.connect(), delay);
  }
}
