import type { ChangedObject, Store } from './store.js';

export interface StoredEvent {
  seq: number;
  id: string;
  type: string;
  created: number;
  /** Empty for the sandbox's own. */
  account: string;
  /** The event as it is sent. */
  readonly body: string;
  /** How many deliveries are still to come. */
  pending: number;
}
/** An event that is only now put into words when somebody reads it. */
export interface NewEvent extends StoredEvent {
  /** Puts it into words once and for all. */
  spell(): string;
}
export interface PendingDelivery {
  event: string;
  endpoint: string;
  attempts: number;
  created: number;
}
export interface Commit {
  objects: ChangedObject[];
  events: NewEvent[];
  deliveries: PendingDelivery[];
  meta: Record<string, string>;
}
export interface EventFilter {
  /** `*` stands for any part. */
  types?: readonly string[];
  gt: number;
  lt: number;
  before?: number | undefined;
  after?: number | undefined;
  delivered?: boolean | undefined;
  /** Empty for the sandbox's own; all accounts if not given. */
  account?: string;
  limit: number;
}

/** What a sandbox remembers beside its objects in hand: on disk, or while it runs. */
export interface State {
  meta(key: string): string | undefined;
  writeMeta(key: string, value: string): void;
  loadInto(store: Store): void;
  /** All of one request or one moment, or nothing. */
  commit(commit: Commit): void;
  event(id: string): StoredEvent | undefined;
  /** Newest first; with `after`, the oldest of those newer than it. */
  events(filter: EventFilter): StoredEvent[];
  /** Those in whose body this text is, newest first. */
  eventsAbout(text: string, limit: number): StoredEvent[];
  lastEventSeq(): number;
  pruneEvents(olderThan: number): void;
  pendingDeliveries(): PendingDelivery[];
  delivered(event: string, endpoint: string): void;
  deliveryFailed(event: string, endpoint: string, attempts: number): void;
  forgetDelivery(event: string, endpoint: string): void;
  close(): void;
}
