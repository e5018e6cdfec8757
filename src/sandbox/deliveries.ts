import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type Stripe from 'stripe';
import { endpointsFor } from './events.js';
import type { Clock } from './clock.js';
import type { Mischief } from './mischief.js';
import { Postman, type Receipt } from './postman.js';
import type { PendingDelivery, State, StoredEvent } from './state.js';
import type { Store } from './store.js';

/** Per endpoint, so that a slow receiver holds up only itself; enough that its connections never wait for the next one. */
const CONCURRENCY = 256;
const MINUTE = 60_000;
/** Growing gaps over three days, in the sandbox's time: https://docs.stripe.com/webhooks#behaviors */
const SANDBOX_GAPS = [5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60, 20 * 60].map((minutes) => minutes * MINUTE);
const GIVE_UP_AFTER = 3 * 86_400_000;
/** A clock that stands still must not keep events from an application that comes back: then real time counts too. */
const REAL_GAP = 500;
const LONGEST_REAL_GAP = 30_000;

interface Delivery extends PendingDelivery {
  /** null once it failed: then it is read again from the log */
  stored: StoredEvent | null;
  /** null: waits to be sent, or is being sent */
  retry: { sandbox: number; real: number } | null;
}
/** An endpoint may be of another version than the account; the objects within stay of the sandbox’s own. */
function ofVersion(body: string, version: string | null): string {
  return version === null
    ? body
    : body.replace(/"api_version":"[^"]*"/, () => `"api_version":${JSON.stringify(version)}`);
}

interface Lane {
  waiting: Delivery[];
  sending: number;
  /** It let us wait until the timeout: nobody else waits for it until it answers again. */
  hangs: boolean;
}
export interface DeliveryReport extends Receipt {
  event: string;
  type: string;
  endpoint: string;
  attempt: number;
  at: string;
}

/** Carries events to the webhook endpoints, signed; never in the way of an API answer. */
export class Deliveries {
  readonly #lanes = new Map<string, Lane>();
  readonly #failed = new Set<Delivery>();
  readonly #quiet: (() => void)[] = [];
  readonly reports: DeliveryReport[] = [];
  readonly #postman = new Postman();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    readonly store: Store,
    readonly file: State,
    readonly clock: Clock,
    readonly mischief: Mischief,
    readonly log: (line: object) => void,
  ) {}

  /** What a former run did not get delivered. */
  resume(): void {
    for (const pending of this.file.pendingDeliveries()) this.#enqueue({ ...pending, stored: null, retry: null });
  }

  /** The deliveries that these events ask for; part of their transaction. */
  plan(events: StoredEvent[]): PendingDelivery[] {
    return events.flatMap((event) =>
      endpointsFor(this.store, event.type, event.account).map((endpoint) => ({
        event: event.id,
        endpoint: endpoint.id,
        attempts: 0,
        created: event.created,
      })),
    );
  }

  send(events: StoredEvent[], planned: PendingDelivery[]): void {
    const known = new Map(events.map((event) => [event.id, event]));
    const wanted = this.mischief.arrange(planned);
    for (const lost of wanted.dropped) this.file.forgetDelivery(lost.event, lost.endpoint);
    for (const pending of wanted.kept)
      this.#enqueue({ ...pending, stored: known.get(pending.event) ?? null, retry: null });
  }

  /** Sends one event again to every endpoint that asks for its type. */
  resend(event: StoredEvent): number {
    const planned = this.plan([event]);
    for (const pending of planned) this.#enqueue({ ...pending, stored: event, retry: null });
    return planned.length;
  }

  /** Resolved when everything has been tried at least once and nothing is on its way (but to receivers that hang). */
  idle(): Promise<void> {
    if (this.#closed || this.#isQuiet()) return Promise.resolve();
    return new Promise((resolve) => this.#quiet.push(resolve));
  }

  /** Tries now what failed before and falls due by the sandbox's clock; `all`: whatever failed. */
  retry(all = false): void {
    for (const delivery of this.#failed)
      if (all || (delivery.retry?.sandbox ?? 0) <= this.clock.now()) this.#again(delivery);
  }

  /** The next retry by the sandbox's clock, in milliseconds. */
  nextRetry(): number | undefined {
    let next: number | undefined;
    for (const { retry, endpoint } of this.#failed)
      if (retry !== null && !this.#lane(endpoint).hangs) next = Math.min(next ?? Infinity, retry.sandbox);
    return next;
  }

  count(): { waiting: number; failed: number } {
    const waiting = [...this.#lanes.values()].reduce((sum, lane) => sum + lane.waiting.length + lane.sending, 0);
    return { waiting, failed: this.#failed.size };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#postman.close();
    for (const resolve of this.#quiet.splice(0)) resolve();
  }

  #enqueue(delivery: Delivery): void {
    const lane = this.#lane(delivery.endpoint);
    lane.waiting.push(delivery);
    this.#pump(lane);
  }

  #pump(lane: Lane): void {
    const most = lane.hangs ? 1 : CONCURRENCY;
    while (!this.#closed && lane.sending < most) {
      const delivery = lane.waiting.shift();
      if (delivery === undefined) break;
      lane.sending += 1;
      void this.#attempt(delivery, lane).finally(() => {
        lane.sending -= 1;
        this.#pump(lane);
        this.#tellQuiet();
      });
    }
  }

  async #attempt(delivery: Delivery, lane: Lane): Promise<void> {
    const target = this.store.get('webhook_endpoint', delivery.endpoint);
    const event = delivery.stored ?? this.file.event(delivery.event);
    // The endpoint was deleted, or the event is older than the log.
    if (target === undefined || event === undefined) {
      this.file.forgetDelivery(delivery.event, delivery.endpoint);
      return;
    }
    delivery.attempts += 1;
    const delay = this.mischief.deliveryDelay();
    if (delay > 0) await setTimeoutPromise(delay);
    const version = this.mischief.deliveries.api_version ?? target.api_version;
    const receipt = await this.#postman.post(target.url, ofVersion(event.body, version), this.#secretsOf(target));
    if (this.#closed) return;
    this.#report(delivery, event.type, receipt);
    lane.hangs = receipt.outcome === 'timeout';
    if (receipt.outcome === 'delivered') this.file.delivered(delivery.event, delivery.endpoint);
    else this.#failedOnce(delivery);
  }

  #secretsOf({ id, secret = '' }: Stripe.WebhookEndpoint): string[] {
    const fact = this.store.get('endpoint_fact', id);
    const old = fact !== undefined && fact.old_secret_until > this.clock.seconds() ? fact.old_secret : null;
    return old === null ? [secret] : [secret, old];
  }

  #failedOnce(delivery: Delivery): void {
    const now = this.clock.now();
    delivery.stored = null;
    if (now - delivery.created * 1000 > GIVE_UP_AFTER) {
      this.file.forgetDelivery(delivery.event, delivery.endpoint);
      return;
    }
    this.file.deliveryFailed(delivery.event, delivery.endpoint, delivery.attempts);
    const gap = SANDBOX_GAPS[Math.min(delivery.attempts, SANDBOX_GAPS.length) - 1] ?? MINUTE;
    const realGap = Math.min(REAL_GAP * 2 ** (delivery.attempts - 1), LONGEST_REAL_GAP);
    // By the minute, so that a receiver that is down does not stop a turning clock once per event.
    delivery.retry = { sandbox: Math.ceil((now + gap) / MINUTE) * MINUTE, real: Date.now() + realGap };
    this.#failed.add(delivery);
    this.#arm();
  }

  #again(delivery: Delivery): void {
    this.#failed.delete(delivery);
    delivery.retry = null;
    this.#enqueue(delivery);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#failed.size === 0) return;
    const next = Math.min(...[...this.#failed].map(({ retry }) => retry?.real ?? Infinity));
    this.#timer = setTimeout(() => this.#retryInRealTime(), Math.max(0, next - Date.now())).unref();
  }

  #retryInRealTime(): void {
    for (const delivery of this.#failed) if ((delivery.retry?.real ?? 0) <= Date.now()) this.#again(delivery);
    this.#arm();
  }

  #report(delivery: Delivery, type: string, receipt: Receipt): void {
    const report: DeliveryReport = {
      event: delivery.event,
      type,
      endpoint: delivery.endpoint,
      attempt: delivery.attempts,
      at: new Date().toISOString(),
      ...receipt,
    };
    this.reports.push(report);
    if (this.reports.length > 1000) this.reports.shift();
    if (receipt.outcome !== 'delivered') this.log({ msg: 'webhook not delivered', ...report });
  }

  #lane(endpoint: string): Lane {
    const lane = this.#lanes.get(endpoint) ?? { waiting: [], sending: 0, hangs: false };
    this.#lanes.set(endpoint, lane);
    return lane;
  }

  #isQuiet(): boolean {
    return [...this.#lanes.values()].every((lane) => lane.hangs || (lane.waiting.length === 0 && lane.sending === 0));
  }

  #tellQuiet(): void {
    if (this.#isQuiet()) for (const resolve of this.#quiet.splice(0)) resolve();
  }
}
