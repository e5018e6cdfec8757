import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { lockNames } from '../database/named-locks.js';
import { EventBus } from '../events/event-bus.js';
import type { DomainEventDraft } from '../events/domain-events.js';
import { PINNED_API_VERSION } from '../stripe/api-version.js';
import { decideSnapshot, undo } from './decide-snapshot.js';
import type { Verdict } from './decide-snapshot.js';
import { MirrorRegistry } from './mirror-registry.js';
import type { WrittenRow } from './mirror-registry.js';
import { keyOf, readRows, writeRows } from './mirror-rows.js';
import type { MirrorRow, RowKey, RowWrite } from './mirror-rows.js';
import type { Change, MirroredObject, StripeObject } from './mirrored-object.js';

/** An event of Stripe's whose object is mirrored. */
export interface EventSnapshot {
  event: string;
  type: string;
  api_version: string | null;
  created: Date;
  object: StripeObject;
  previous_attributes: object | null;
}

/** An object as Stripe's API answered it; `object` null: Stripe says that it is gone. */
export interface FetchedSnapshot extends RowKey {
  snapshot: StripeObject | null;
  as_of: Date;
  as_of_max: Date;
  /** The row's revision before the request was sent; null: there was no row. */
  revision: number | null;
  /** When it happened, in business time. */
  cause: string | null;
}

export interface Bringing {
  /**
   * The replay that brings again what was brought here before: what the row knew before the replay began is passed over,
   * and nobody is told anything, for it was told when it happened.
   */
  replay?: string;
}

interface Working {
  row: MirrorRow | null;
  before: { id: string } | null;
  write: RowWrite | null;
}

/**
 * The only writer of what Stripe says. Whoever brings an object of Stripe's (webhook, API response, sweep, import) comes
 * through one of its two doors, and leaves rows, what is derived from them, and domain events, all in one transaction.
 */
@Injectable()
export class Mirror {
  constructor(
    private readonly registry: MirrorRegistry,
    private readonly bus: EventBus,
  ) {}

  /**
   * The door for events. Returns each event's verdict; what is to be refetched is left as it was, and the caller brings
   * it through `writeFetched` later and then calls `tellFacts`: who hears of a failed payment looks into the mirror, and
   * must not find there that nothing has failed.
   */
  async applyEvents(
    em: EntityManager,
    events: EventSnapshot[],
    { replay }: Bringing = {},
  ): Promise<Map<string, Verdict>> {
    if (replay) this.bus.silence(em);
    const working = await this.open(
      em,
      events.map(({ object }) => object),
    );
    const verdicts = new Map<string, Verdict>();
    const drafts: DomainEventDraft[] = [];
    const refetched = new Set<string>();
    for (const event of inOrder(events)) {
      const key = keyOf(event.object);
      const entry = working.get(key);
      if (!entry) continue;
      const definition = this.registry.get(event.object.object);
      const known = replay !== undefined && wasKnown(entry.row, event, replay);
      const verdict = known ? 'ignore' : refetched.has(key) ? 'refetch' : this.decide(definition, entry.row, event);
      verdicts.set(event.event, verdict);
      if (verdict === 'refetch') refetched.add(key);
      if (verdict === 'apply') {
        const meta = {
          as_of: event.created,
          as_of_max: event.created,
          cause: replay ?? event.event,
          at: event.created,
        };
        drafts.push(...this.take(definition, entry, event.object, event.type === definition.deletedBy, meta));
      }
      if (verdict !== 'refetch') drafts.push(...factsOf(definition, event));
    }
    await this.close(em, working, drafts);
    return verdicts;
  }

  /**
   * The door for answers of Stripe's API. An answer is beyond doubt news when its row has not changed since before the
   * request; those whose row has are returned, to be fetched again.
   */
  async writeFetched(
    em: EntityManager,
    snapshots: FetchedSnapshot[],
    { replay }: Bringing = {},
  ): Promise<FetchedSnapshot[]> {
    if (replay) this.bus.silence(em);
    const working = await this.open(em, snapshots);
    const drafts: DomainEventDraft[] = [];
    const overtaken: FetchedSnapshot[] = [];
    for (const fetched of snapshots) {
      const entry = working.get(keyOf(fetched));
      if (!entry || entry.row?.deleted) continue;
      if (replay && entry.row && isDeepStrictEqual(entry.row.data, fetched.snapshot)) continue;
      if (!isNews(entry.row, fetched)) {
        // Where an event was quicker and told the same, nothing is left to ask.
        if (!isDeepStrictEqual(entry.row?.data, fetched.snapshot)) overtaken.push(fetched);
      } else if (fetched.snapshot !== null || entry.row !== null) {
        drafts.push(
          ...this.take(this.registry.get(fetched.object), entry, fetched.snapshot, fetched.snapshot === null, {
            ...fetched,
            at: fetched.as_of_max,
          }),
        );
      }
    }
    await this.close(em, working, drafts);
    return overtaken;
  }

  /** Tells the facts of events whose objects were fetched; a payload of another version is replaced by what was fetched. */
  async tellFacts(em: EntityManager, events: EventSnapshot[]): Promise<void> {
    await this.bus.publish(
      em,
      events.flatMap((event) => factsOf(this.registry.get(event.object.object), event)),
    );
  }

  /** What the mirror holds of these objects now, for `FetchedSnapshot.revision`. */
  async revisions(em: EntityManager, keys: RowKey[]): Promise<Map<string, number>> {
    const rows = await readRows(em, keys, (object) => this.registry.get(object).table);
    return new Map([...rows].map(([key, row]) => [key, row.revision]));
  }

  private decide(definition: MirroredObject, row: MirrorRow | null, event: EventSnapshot): Verdict {
    const phase = (data: unknown) => (definition.phase ? definition.phase(definition.read(data as StripeObject)) : 0);
    // Another version's JSON cannot be read: it is refetched before its phase or lists are looked at.
    const readable = event.api_version === PINNED_API_VERSION;
    return decideSnapshot(
      row && { ...row, phase: row.deleted ? 0 : phase(row.data) },
      {
        ...event,
        deletes: event.type === definition.deletedBy,
        phase: readable ? phase(event.object) : 0,
        begins_phase: readable && beginsPhase(event, phase),
        truncated: readable && (definition.truncated?.(event.object) ?? false),
      },
      PINNED_API_VERSION,
    );
  }

  private async open(em: EntityManager, keys: RowKey[]): Promise<Map<string, Working>> {
    await lockNames(em, keys.map(keyOf));
    const rows = await readRows(em, keys, (object) => this.registry.get(object).table);
    return new Map(
      keys.map((key) => {
        const row = rows.get(keyOf(key)) ?? null;
        const before = row && !row.deleted ? this.registry.get(key.object).read(row.data as StripeObject) : null;
        return [keyOf(key), { row, before, write: null }];
      }),
    );
  }

  /** Makes the snapshot the row and says what has changed. A deleted object keeps its last data, as a tombstone. */
  private take(
    definition: MirroredObject,
    entry: Working,
    snapshot: StripeObject | null,
    deleted: boolean,
    meta: { as_of: Date; as_of_max: Date; cause: string | null; at: Date },
  ): DomainEventDraft[] {
    const data = snapshot ?? (entry.row?.data as StripeObject);
    const columns = definition.read(data);
    const before = entry.row && !entry.row.deleted ? definition.read(entry.row.data as StripeObject) : null;
    entry.row = {
      object: definition.object,
      id: columns.id,
      data,
      as_of: later(meta.as_of, entry.row?.as_of),
      as_of_max: later(meta.as_of_max, entry.row?.as_of_max),
      deleted,
      revision: (entry.row?.revision ?? 0) + 1,
      cause: meta.cause,
    };
    entry.write = { ...entry.row, columns };
    // What was detached is nobody's now, but it happened to whom it belonged.
    const customer = definition.customer(columns) ?? (before && definition.customer(before));
    const happened = definition.changes(before, deleted ? null : columns);
    return draftsOf({ customer, object: columns.id }, happened, meta.at, meta.cause);
  }

  private async close(em: EntityManager, working: Map<string, Working>, drafts: DomainEventDraft[]): Promise<void> {
    const writes = [...working.values()].flatMap(({ write }) => (write ? [write] : []));
    if (writes.length > 0) await writeRows(em, writes, (object) => this.registry.get(object));
    const written: WrittenRow[] = [...working.values()].flatMap(({ before, write }) =>
      write
        ? [
            {
              object: write.object,
              id: write.id,
              customer: this.registry.get(write.object).customer(write.columns),
              before,
              after: write.deleted ? null : write.columns,
              cause: write.cause,
            },
          ]
        : [],
    );
    for (const derive of this.registry.derivations) if (written.length > 0) await derive(em, written);
    await this.bus.publish(em, drafts);
  }
}

function isNews(row: MirrorRow | null, fetched: FetchedSnapshot): boolean {
  if ((row?.revision ?? null) === fetched.revision) return true;
  return row !== null && row.as_of_max.getTime() < fetched.as_of.getTime() - 1000;
}

/** A row that this replay has made itself knows only what it was told until now. */
function wasKnown(row: MirrorRow | null, event: EventSnapshot, replay: string): boolean {
  return row !== null && row.cause !== replay && event.created <= row.as_of_max;
}

/** Oldest first, so that a batch which holds a whole history walks it forwards, whatever order it arrived in. */
function inOrder(events: EventSnapshot[]): EventSnapshot[] {
  return events.toSorted((a, b) => a.created.getTime() - b.created.getTime());
}

function later(a: Date, b: Date | undefined): Date {
  return b && b > a ? b : a;
}

/** What came before may be told in a form that cannot be read: then it is not known. */
function beginsPhase({ type, object, previous_attributes }: EventSnapshot, phase: (data: unknown) => number): boolean {
  if (type.endsWith('.created')) return true;
  if (previous_attributes === null) return false;
  try {
    return phase(undo(object, previous_attributes)) < phase(object);
  } catch {
    return false;
  }
}

function factsOf(definition: MirroredObject, event: EventSnapshot): DomainEventDraft[] {
  if (!definition.facts || event.api_version !== PINNED_API_VERSION) return [];
  const facts = definition.facts(event.type, event.object);
  const customer = definition.customer(definition.read(event.object));
  return draftsOf({ customer, object: event.object.id }, facts, event.created, event.event);
}

function draftsOf(
  { customer, object }: { customer: string | null; object: string },
  changes: Change[],
  at: Date,
  cause: string | null,
): DomainEventDraft[] {
  const common = { customer, object, occurred_at: at, cause };
  return changes.map((change): DomainEventDraft => ({ ...change, ...common }));
}
