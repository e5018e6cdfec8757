import { randomInt } from 'node:crypto';
import { Clock, type ClockMode } from './clock.js';
import { Context, type EventRequest } from './context.js';
import { Deliveries } from './deliveries.js';
import { KeptError } from './errors.js';
import { EventLog } from './events.js';
import { followUp } from './follow-ups.js';
import { Followers } from './followers.js';
import { Ids } from './ids.js';
import { Mischief } from './mischief.js';
import { Schedule } from './schedule.js';
import { SearchIndex } from './search/search-index.js';
import { DEFAULT_SETTINGS, type Settings } from './settings.js';
import type { State } from './state.js';
import { StateFile } from './state-file.js';
import { StateInMemory } from './state-in-memory.js';
import { Store } from './store.js';

export interface CoreOptions {
  stateFile?: string | undefined;
  seed?: number | undefined;
  now?: Date | undefined;
  mode: ClockMode;
  log: (line: object) => void;
}

/** Everything that one sandbox is, but its HTTP: the store, the clock, the event log and what carries events out. */
export class Core {
  readonly file: State;
  readonly store = new Store();
  readonly searchIndex = new SearchIndex(this.store);
  readonly schedule: Schedule;
  readonly ids: Ids;
  readonly requestIds: Ids;
  readonly clock: Clock;
  readonly events: EventLog;
  readonly mischief: Mischief;
  readonly deliveries: Deliveries;
  readonly followers: Followers;
  readonly log: (line: object) => void;
  settings: Settings;
  /** Set when the server knows its port. */
  url = '';
  /** Called after every change, so that a ticking clock can look when it is next needed. */
  changed: () => void = () => undefined;

  constructor(options: CoreOptions) {
    this.log = options.log;
    this.file = options.stateFile === undefined ? new StateInMemory() : this.#openFile(options.stateFile);
    this.file.loadInto(this.store);
    const seed = Number(this.file.meta('seed') ?? options.seed ?? randomInt(2 ** 31));
    this.ids = new Ids(`${seed}`, Number(this.file.meta('ids') ?? 0));
    this.requestIds = new Ids(`${seed}/requests`, Number(this.file.meta('request_ids') ?? 0));
    this.mischief = new Mischief(new Ids(`${seed}/mischief`));
    this.schedule = new Schedule(this.store);
    this.clock = new Clock(options.mode, options.now, this.file);
    this.settings = { ...DEFAULT_SETTINGS, ...readSettings(this.file.meta('settings')) };
    this.events = new EventLog(this.file);
    this.followers = new Followers(this.clock, this.log);
    this.deliveries = new Deliveries(this.store, this.file, this.clock, this.mischief, this.log);
    this.file.writeMeta('seed', String(seed));
    this.clock.save();
  }

  /**
   * Runs a request, or a due moment, whole or not at all: what it changed is written before this returns. A thrown
   * error undoes everything, but for a `KeptError`. `wire` is seconds.
   */
  transact<R>(request: EventRequest, work: (context: Context) => R, wire = this.clock.seconds()): R {
    const position = this.ids.position;
    const context = new Context(this.store, this.schedule, this.ids, this.settings, wire, request, this.url);
    try {
      const result = work(context);
      followUp(context);
      if (context.discarded) this.#undo(position);
      else this.#commit(context);
      return result;
    } catch (error) {
      if (error instanceof KeptError) {
        followUp(context);
        this.#commit(context);
      } else this.#undo(position);
      throw error;
    }
  }

  changeSettings(change: Partial<Settings>): void {
    this.settings = { ...this.settings, ...change };
    this.file.writeMeta('settings', JSON.stringify(this.settings));
  }

  close(): void {
    this.followers.close();
    this.deliveries.close();
    this.clock.save();
    this.file.close();
  }

  #openFile(path: string): StateFile {
    const file = new StateFile(path);
    if (file.wasKilled)
      this.log({
        msg: 'the last run was killed: all that it had answered is here, what it was still writing is not',
        state_file: path,
      });
    return file;
  }

  #undo(position: number): void {
    this.store.rollback();
    this.ids.position = position;
    this.schedule.restore();
  }

  #commit(context: Context): void {
    const objects = this.store.changes();
    // Reading changes nothing, so there is nothing to write.
    if (objects.length === 0 && context.emitted.length === 0) return;
    const events = this.events.write(context);
    const deliveries = this.deliveries.plan(events);
    const meta = {
      clock: this.clock.written(),
      ids: String(this.ids.position),
      request_ids: String(this.requestIds.position),
    };
    this.searchIndex.note(objects, context.wire * 1000);
    this.file.commit({ objects, events, deliveries, meta });
    this.store.settle();
    this.schedule.settle();
    this.events.prune(context.wire);
    this.deliveries.send(events, deliveries);
    this.changed();
  }
}

function readSettings(kept: string | undefined): Partial<Settings> {
  return kept === undefined ? {} : JSON.parse(kept);
}
