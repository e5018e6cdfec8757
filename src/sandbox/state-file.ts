import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { reviveDecimals } from './archive.js';
import { faultOf } from './errors.js';
import type { Commit, EventFilter, PendingDelivery, State, StoredEvent } from './state.js';
import { isType, type ChangedObject, type Store } from './store.js';

const FORMAT = '1';
const KIND = 'good-standing-sandbox';

/** An event of a connected account says so at its beginning. */
const ACCOUNT = 'instr(substr(body, 1, 160), ?)';

/**
 * What outlives the process. WAL without a sync per commit: a killed process loses nothing that was written, only a
 * machine that loses power may.
 */
export class StateFile implements State {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  readonly isNew: boolean;
  /** The last run did not close it; whatever it had written whole is taken over. */
  readonly wasKilled: boolean;
  #receipts: { event: string; endpoint: string }[] = [];

  constructor(readonly path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.wasKilled = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    this.#database = this.#named(() => openDatabase(path));
    try {
      this.isNew = this.#named(() => this.#isEmpty());
      // Only what is ours is changed, if no more than by how it is written.
      if (!this.isNew) this.#named(() => this.#check());
      this.#named(() => this.#database.exec('PRAGMA journal_mode = WAL'));
      if (this.isNew) this.#named(() => this.#create());
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  meta(key: string): string | undefined {
    const value = this.#run('SELECT value FROM meta WHERE key = ?').get(key)?.['value'];
    return typeof value === 'string' ? value : undefined;
  }

  loadInto(store: Store): void {
    try {
      this.#named(() => this.#load(store));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  commit(commit: Commit): void {
    this.#together(() => {
      for (const object of commit.objects) this.#writeObject(object);
      for (const event of commit.events)
        this.#run('INSERT INTO events (seq, id, type, created, body, pending) VALUES (?, ?, ?, ?, ?, ?)').run(
          event.seq,
          event.id,
          event.type,
          event.created,
          event.spell(),
          event.pending,
        );
      for (const { event, endpoint, attempts, created } of commit.deliveries)
        this.#run('INSERT INTO deliveries (event, endpoint, attempts, created) VALUES (?, ?, ?, ?)').run(
          event,
          endpoint,
          attempts,
          created,
        );
      for (const [key, value] of Object.entries(commit.meta)) this.writeMeta(key, value);
    });
  }

  event(id: string): StoredEvent | undefined {
    this.#writeReceipts();
    const row = this.#run('SELECT * FROM events WHERE id = ?').get(id);
    return row === undefined ? undefined : storedEvent(row);
  }

  events(filter: EventFilter): StoredEvent[] {
    this.#writeReceipts();
    const types = filter.types ?? [];
    const where = [
      'created > ?',
      'created < ?',
      ...(types.length === 0 ? [] : [`(${types.map(() => 'type GLOB ?').join(' OR ')})`]),
      ...(filter.before === undefined ? [] : ['seq < ?']),
      ...(filter.after === undefined ? [] : ['seq > ?']),
      ...(filter.account === undefined ? [] : [filter.account === '' ? `${ACCOUNT} = 0` : `${ACCOUNT} > 0`]),
      ...(filter.delivered === undefined ? [] : [filter.delivered ? 'pending = 0' : 'pending > 0']),
    ];
    const account = filter.account === undefined ? [] : [`"object":"event","account":"${filter.account}`];
    const values = [
      filter.gt,
      filter.lt,
      ...types,
      ...given(filter.before),
      ...given(filter.after),
      ...account,
      filter.limit,
    ];
    const order = filter.after === undefined ? 'DESC' : 'ASC';
    const rows = this.#run(`SELECT * FROM events WHERE ${where.join(' AND ')} ORDER BY seq ${order} LIMIT ?`).all(
      ...values.map((value) => (value === Infinity || value === -Infinity ? Math.sign(value) * 1e15 : value)),
    );
    return rows.map(storedEvent);
  }

  eventsAbout(text: string, limit: number): StoredEvent[] {
    return this.#run('SELECT * FROM events WHERE instr(body, ?) > 0 ORDER BY seq DESC LIMIT ?')
      .all(text, limit)
      .map(storedEvent);
  }

  lastEventSeq(): number {
    return Number(this.#run('SELECT coalesce(max(seq), 0) AS seq FROM events').get()?.['seq']);
  }

  pruneEvents(olderThan: number): void {
    this.#run('DELETE FROM events WHERE created < ?').run(olderThan);
  }

  pendingDeliveries(): PendingDelivery[] {
    return this.#run('SELECT event, endpoint, attempts, created FROM deliveries ORDER BY id')
      .all()
      .map((row) => ({
        event: String(row['event']),
        endpoint: String(row['endpoint']),
        attempts: Number(row['attempts']),
        created: Number(row['created']),
      }));
  }

  /** Written with others that come in at the same time. A process killed before that delivers once more. */
  delivered(event: string, endpoint: string): void {
    this.#receipts.push({ event, endpoint });
    if (this.#receipts.length === 1) setImmediate(() => this.#writeReceipts());
  }

  deliveryFailed(event: string, endpoint: string, attempts: number): void {
    this.#run('UPDATE deliveries SET attempts = ? WHERE event = ? AND endpoint = ?').run(attempts, event, endpoint);
  }

  forgetDelivery(event: string, endpoint: string): void {
    this.#run('DELETE FROM deliveries WHERE event = ? AND endpoint = ?').run(event, endpoint);
  }

  #load(store: Store): void {
    for (const row of this.#run('SELECT type, seq, body FROM objects ORDER BY seq').iterate()) {
      const [type = '', account = ''] = String(row['type']).split('/').toReversed();
      if (!isType(type)) throw new Error(`unknown kind of object ${type}`);
      store.load(type, Number(row['seq']), JSON.parse(String(row['body']), reviveDecimals), account);
    }
  }

  /** What belongs to a connected account has its id before the type. */
  #writeObject({ account, type, id, seq, value }: ChangedObject): void {
    const kind = account === '' ? type : `${account}/${type}`;
    if (value === null) this.#run('DELETE FROM objects WHERE type = ? AND id = ?').run(kind, id);
    else
      this.#run('INSERT OR REPLACE INTO objects (type, id, seq, body) VALUES (?, ?, ?, ?)').run(
        kind,
        id,
        seq,
        JSON.stringify(value),
      );
  }

  writeMeta(key: string, value: string): void {
    this.#run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
  }

  #writeReceipts(): void {
    if (this.#receipts.length === 0) return;
    this.#together(() => {
      for (const { event, endpoint } of this.#receipts) {
        this.forgetDelivery(event, endpoint);
        this.#run('UPDATE events SET pending = max(0, pending - 1) WHERE id = ?').run(event);
      }
    });
    this.#receipts = [];
  }

  /** All of it, or nothing. */
  #together(work: () => void): void {
    this.#database.exec('BEGIN');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#writeReceipts();
    this.#statements.clear();
    this.#database.close();
  }

  #run(sql: string): ReturnType<DatabaseSync['prepare']> {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #isEmpty(): boolean {
    return this.#database.prepare('SELECT count(*) AS tables FROM sqlite_master').get()?.['tables'] === 0;
  }

  #create(): void {
    this.#database.exec(`
      BEGIN;
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE objects (type TEXT, id TEXT, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;
      CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, created INTEGER NOT NULL,
                           body TEXT NOT NULL, pending INTEGER NOT NULL);
      CREATE INDEX events_created ON events (created);
      CREATE TABLE deliveries (id INTEGER PRIMARY KEY, event TEXT NOT NULL, endpoint TEXT NOT NULL,
                               attempts INTEGER NOT NULL, created INTEGER NOT NULL, UNIQUE (event, endpoint));
    `);
    this.writeMeta('kind', KIND);
    this.writeMeta('format', FORMAT);
    this.#database.exec('COMMIT');
  }

  #check(): void {
    const sound = this.#database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (sound !== 'ok') throw new Error(`it is damaged: ${String(sound)}`);
    if (this.meta('kind') !== KIND) throw new Error('it belongs to something else');
    if (this.meta('format') !== FORMAT) throw new Error(`its format is ${this.meta('format')}, not ${FORMAT}`);
  }

  /** Every fault of the file says which file, and what to do. */
  #named<R>(work: () => R): R {
    try {
      return work();
    } catch (error) {
      const reason = faultOf(error).message;
      const remedy = reason.includes('locked')
        ? 'Another sandbox uses it: stop that one, or give this one a file of its own.'
        : 'Move it away (with its -wal and -shm beside it) to begin anew, or put back a copy of it.';
      throw new Error(`The sandbox's state file ${this.path} cannot be used: ${reason}. ${remedy}`, {
        cause: error,
      });
    }
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;');
  // One process per state file: a second one would overwrite what the first one holds in memory.
  database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT;');
  return database;
}

function given(value: number | undefined): number[] {
  return value === undefined ? [] : [value];
}

function storedEvent(row: Record<string, unknown>): StoredEvent {
  const body = String(row['body']);
  return {
    seq: Number(row['seq']),
    id: String(row['id']),
    type: String(row['type']),
    created: Number(row['created']),
    account: accountOf(body),
    body,
    pending: Number(row['pending']),
  };
}

/** Whose event this is. */
function accountOf(body: string): string {
  return /^\{"id":"[^"]*","object":"event","account":"([^"]*)"/.exec(body)?.[1] ?? '';
}
