import { Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { Transactions } from '../../database/transactions.js';
import type { TallyKind } from './inbound-tally.entity.js';

const FLUSH_MS = 1000;
const HOUR_MS = 3_600_000;

interface Tally {
  hour: Date;
  kind: TallyKind;
  type: string;
  count: number;
}

interface Tables {
  inbound_tallies: Tally;
}

/**
 * Counts what leaves no row of its own. Kept in memory and written at most once a second, on no connection that a webhook
 * waits for: counting costs the way in no round trip. A killed process takes its last second's counts with it.
 */
@Injectable()
export class InboundTallies implements BeforeApplicationShutdown {
  private readonly logger = new Logger(InboundTallies.name);
  private counts = new Map<string, Tally>();
  private timer: NodeJS.Timeout | undefined;
  private writing = Promise.resolve();

  constructor(private readonly transactions: Transactions) {}

  note(kind: TallyKind, type: string): void {
    const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    this.add({ hour: new Date(hour), kind, type, count: 1 });
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Writes what was counted until now; what cannot be written is kept for the next time. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    // One after the other, so that whoever closes the database waits for all: a connection in use would hold up its end for ever.
    this.writing = this.writing.then(() => this.writeAll());
    return this.writing;
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.flush();
  }

  private async writeAll(): Promise<void> {
    // In one order, so that processes that write the same rows never wait for each other in a circle.
    const rows = [...this.counts.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, tally]) => tally);
    this.counts = new Map();
    if (rows.length === 0) return;
    try {
      await this.write(rows);
    } catch (error) {
      this.logger.warn({ msg: 'webhook counts could not be written yet', err: error });
      rows.forEach((row) => this.add(row));
    }
  }

  private add(tally: Tally): void {
    const key = `${tally.hour.getTime()} ${tally.kind} ${tally.type}`;
    const known = this.counts.get(key);
    if (known) known.count += tally.count;
    else this.counts.set(key, tally);
  }

  private write(rows: Tally[]): Promise<unknown> {
    return this.transactions
      .reader()
      .getKysely<Tables>()
      .insertInto('inbound_tallies')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['hour', 'kind', 'type'])
          .doUpdateSet((row) => ({ count: row('inbound_tallies.count', '+', row.ref('excluded.count')) })),
      )
      .execute();
  }
}
