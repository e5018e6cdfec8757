import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { Runtime } from '../../../config/runtime.js';
import { ENV } from '../../database/env.token.js';
import { failpoint } from '../../failpoints/failpoint.js';
import { Pace } from '../../jobs/pace.js';
import { currentTraceparent, isTracing } from '../../telemetry/tracing.js';
import { inboxCommitSeconds, inboxEvents, stopwatch } from '../../telemetry/metrics.js';
import { INBOX_CHANNEL } from './inbox-queue.js';
import { InboxUnavailable } from './inbound.errors.js';
import { InboundTallies } from './inbound-tallies.js';
import type { Envelope } from './read-envelope.js';

const COLUMNS = [
  'id',
  'type',
  'api_version',
  'livemode',
  'object',
  'customer',
  'account',
  'created',
  'payload',
  'status',
  'error',
] as const;
const MOST_PER_INSERT = 128;
const LONGEST_CONNECT_MS = 3000;
const LONGEST_COMMIT_MS = 5000;
/** In a rush each NOTIFY would cost its commit a lock that all of the server's commits with one share, and wake a process. */
const NOTIFY_EVERY_MS = 10;

interface Arrival {
  envelope: Envelope;
  /** Only when traces are on. */
  traceparent: string | undefined;
  resolve: (fresh: boolean) => void;
  reject: (error: unknown) => void;
}

/**
 * Stores arrivals durably by group commit: one INSERT is in flight, and the next takes everything that arrived meanwhile.
 * No timer: alone, an event is written at once. A named statement per batch size, on a connection of its own, because
 * that is where the time goes (measured: 1.3 to 1.6 times arrays with unnest, 1.8 times one INSERT per request).
 */
@Injectable()
export class Inbox implements OnApplicationShutdown {
  private readonly logger = new Logger(Inbox.name);
  private readonly pool: pg.Pool;
  private waiting: Arrival[] = [];
  private writing: Promise<void> | null = null;
  private readonly onStored: Array<() => boolean> = [];
  /** As it was when something was stored last. */
  private projectedHere = false;
  /** By name: those of many rows are long to make. */
  private readonly statements = new Map<string, string>();
  private notifiedAt = -Infinity;
  private owed: NodeJS.Timeout | undefined;

  constructor(
    @Inject(ENV) env: Runtime,
    private readonly tallies: InboundTallies,
    private readonly pace: Pace,
  ) {
    this.pool = new pg.Pool({
      connectionString: env.database.url,
      application_name: 'good-standing inbox',
      max: 1,
      connectionTimeoutMillis: LONGEST_CONNECT_MS,
      query_timeout: LONGEST_COMMIT_MS,
      keepAlive: true,
    });
    // A connection lost while idle is replaced by the next query; without a listener it would end the process.
    this.pool.on('error', (error) => this.logger.warn(`inbox connection: ${error.message}`));
  }

  /** Calls back when something new was stored; true: it is projected here, so no other process has to be woken. */
  whenStored(callback: () => boolean): void {
    this.onStored.push(callback);
  }

  /**
   * Resolves when the commit is confirmed: true for a new event, false for one that is known already.
   * @throws InboxUnavailable when PostgreSQL does not confirm in time.
   */
  store(envelope: Envelope): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ envelope, traceparent: currentTraceparent(), resolve, reject });
      this.writing ??= this.writeAll();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.writing;
    if (this.owed) await this.notify();
    await this.pool.end();
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const arrivals = this.waiting.splice(0, MOST_PER_INSERT);
      try {
        const seconds = stopwatch();
        failpoint('inbox.received');
        const fresh = await this.insert(arrivals);
        failpoint('inbox.stored');
        this.pace.answered(arrivals.length);
        inboxCommitSeconds.observe(seconds());
        inboxEvents.inc({ outcome: 'new' }, fresh.size);
        inboxEvents.inc({ outcome: 'duplicate' }, arrivals.length - fresh.size);
        for (const { envelope, resolve } of arrivals) {
          const isNew = fresh.delete(envelope.id);
          if (!isNew) this.tallies.note('duplicate', envelope.type);
          resolve(isNew);
        }
      } catch (error) {
        // Those who came meanwhile have waited as long: they must not wait for another limit, nor pile up.
        const unstored = [...arrivals, ...this.waiting.splice(0)];
        inboxEvents.inc({ outcome: 'unavailable' }, unstored.length);
        for (const { reject } of unstored) reject(new InboxUnavailable(error));
      }
    }
    // At once: a caller who stores again as soon as it was answered must find that nobody writes any more.
    this.writing = null;
  }

  private async insert(arrivals: Arrival[]): Promise<Set<string>> {
    // A column more costs the way in, so it is there only for traces.
    const columns = isTracing() ? [...COLUMNS, 'traceparent' as const] : COLUMNS;
    // Where nobody projects here, the statement itself wakes who does: a second one would be a second commit.
    const wakes = !this.projectedHere && this.untilNextNotify() <= 0;
    const name = `inbox_${arrivals.length}${columns === COLUMNS ? '' : '_traced'}${wakes ? '_waking' : ''}`;
    const text = this.statements.get(name) ?? statement(arrivals.length, columns, wakes);
    this.statements.set(name, text);
    const { rows } = await this.pool.query<{ id: string }>({
      name,
      text,
      values: arrivals.flatMap((arrival) => valuesOf(arrival, columns)),
    });
    if (rows.length > 0) {
      this.projectedHere = this.onStored.some((callback) => callback());
      if (wakes) this.notified();
      else if (!this.projectedHere)
        this.owed ??= setTimeout(() => void this.notify(), Math.max(0, this.untilNextNotify()));
    }
    return new Set(rows.map(({ id }) => id));
  }

  private untilNextNotify(): number {
    return this.notifiedAt + NOTIFY_EVERY_MS - performance.now();
  }

  private notified(): void {
    this.notifiedAt = performance.now();
    clearTimeout(this.owed);
    this.owed = undefined;
  }

  private async notify(): Promise<void> {
    this.notified();
    try {
      await this.pool.query({ name: 'inbox_notify', text: `select pg_notify('${INBOX_CHANNEL}', '')` });
    } catch (error) {
      // What is stored is found by looking, some seconds later.
      this.logger.warn(error);
    }
  }
}

type Columns = ReadonlyArray<(typeof COLUMNS)[number] | 'traceparent'>;

function statement(rows: number, columns: Columns, wakes: boolean): string {
  const tuple = (row: number) => `(${columns.map((_, column) => `$${row * columns.length + column + 1}`).join(',')})`;
  const tuples = Array.from({ length: rows }, (_, row) => tuple(row)).join(',');
  // However many rows notify, it is one notification.
  const returned = wakes ? `id, pg_notify('${INBOX_CHANNEL}', '')` : 'id';
  return `insert into inbound_events (${columns.join(',')}) values ${tuples} on conflict (id) do nothing returning ${returned}`;
}

function valuesOf({ envelope: { quarantine, ...envelope }, traceparent }: Arrival, columns: Columns): unknown[] {
  const row = { ...envelope, traceparent, status: quarantine === null ? 'pending' : 'quarantined', error: quarantine };
  return columns.map((column) => row[column]);
}
