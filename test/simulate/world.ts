import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Stripe from 'stripe';
import { anyPort } from '../../src/database/free-port.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { PINNED_API_VERSION } from '../../src/stripe/api-version.js';
import { SandboxControls } from '../support/sandbox-controls.js';
import { wakeWorkersOf, WorldDatabase } from './database.js';
import { Diary } from './diary.js';
import { HouseProcess } from './house-process.js';
import { Letterbox } from './letterbox.js';
import type { Order } from './options.js';
import { openReceiver } from './receivers.js';
import type { Receiver } from './receivers.js';
import { Relay } from './relay.js';
import { SaasApp } from './saas-app.js';

/** Not the 1st, so that months of all lengths count. */
export const BEGINNING = new Date('2026-01-10T09:00:00Z');

/** `operation.resume` comes round every minute. */
const RESUMED_EVERY_MS = 60_000;
const DOUBT_ROUNDS = 30;

/** Everything around the house, and the house: one simulated deployment. */
export class World {
  /** Where outbound webhooks go: one endpoint that is never in trouble, and one that is. */
  endpoints = { steady: '', troubled: '' };

  private constructor(
    readonly order: Order,
    readonly sandbox: Sandbox,
    readonly controls: SandboxControls,
    /** The dashboard: it changes what is Stripe's behind the house's back. */
    readonly stripe: Stripe,
    readonly database: WorldDatabase,
    readonly house: HouseProcess,
    readonly app: SaasApp,
    readonly diary: Diary,
    readonly relay: Relay,
    readonly letterbox: Letterbox,
    readonly receivers: { steady: Receiver; troubled: Receiver },
    readonly env: Record<string, string>,
    private readonly clock: { now: Date },
  ) {}

  /** Stripe's clock, as far as it has been turned. */
  get now(): Date {
    return this.clock.now;
  }

  static async open(order: Order, serverUrl: string, folder: string): Promise<World> {
    const secret = `whsec_${randomBytes(18).toString('base64url')}`;
    const key = `gs_test_${randomBytes(24).toString('hex')}`;
    const port = await anyPort();
    const url = `http://127.0.0.1:${port}`;
    const clock = { now: BEGINNING };
    const relay = await Relay.open({
      target: `${url}/webhooks/stripe`,
      secret,
      seed: order.seed,
      now: () => clock.now.getTime(),
    });
    const sandbox = await startSandbox({
      port: 0,
      seed: order.seed,
      frozen: true,
      now: BEGINNING,
      webhook: { url: relay.url, secret },
    });
    const letterbox = await Letterbox.open();
    const receivers = { steady: await openReceiver(), troubled: await openReceiver() };
    const database = await WorldDatabase.create(serverUrl);
    const env = {
      NODE_ENV: 'test',
      PORT: String(port),
      DATABASE_URL: database.url,
      STRIPE_WEBHOOK_SECRET: secret,
      BOOTSTRAP_API_KEY: key,
      SMTP_URL: letterbox.url,
      LOG_LEVEL: 'warn',
    };
    const house = new HouseProcess(env, sandbox.url, join(folder, `house-${order.seed}.log`));
    const { hostname, port: sandboxPort } = new URL(sandbox.url);
    const stripe = new Stripe('sk_test_dashboard', {
      host: hostname,
      port: sandboxPort,
      protocol: 'http',
      apiVersion: PINNED_API_VERSION,
      telemetry: false,
      maxNetworkRetries: 0,
    });
    const diary = new Diary(join(folder, `diary-${order.seed}.log`), () => clock.now);
    const world = new World(
      order,
      sandbox,
      new SandboxControls(sandbox.url),
      stripe,
      database,
      house,
      new SaasApp(url, key, diary),
      diary,
      relay,
      letterbox,
      receivers,
      env,
      clock,
    );
    await world.furnish();
    return world;
  }

  /** Lets the virtual clock run; resolves when all that fell due on the way has happened. */
  async advanceTo(moment: Date): Promise<void> {
    // Things happen at their own moments, but the house is waited for only at the end.
    const sync = `${Math.max(1, Math.ceil((moment.getTime() - this.now.getTime()) / 3_600_000))}h`;
    await this.controls.post('clock/advance', { to: moment.toISOString(), sync });
    this.clock.now = moment;
    await this.relay.deliverLate();
  }

  /**
   * Nothing is waited for that only machine time brings: retries are set due, what the dead had claimed is free. To be called
   * when what they wait for is over.
   */
  hasten(): Promise<unknown> {
    // Several statements in one query are one transaction: a job that came before its row is due would find nothing to do.
    return this.database.query(`
      update inbound_events set next_attempt_at = now() where status = 'pending' and next_attempt_at > now();
      update webhook_deliveries set next_attempt_at = now() where status = 'pending' and next_attempt_at > now();
      update operations set started_at = started_at - interval '2 minutes' where status = 'started';
      update external_ids set claimed_at = claimed_at - interval '2 minutes' where customer is null;
      update subscription_claims set claimed_at = claimed_at - interval '2 minutes';
      with due as (
        update pgboss.job set start_after = now() where state in ('created', 'retry') and start_after > now() returning name
      )
      ${wakeWorkersOf('due')};
      select pg_notify('inbox', '')`);
  }

  /**
   * Commands whose answer was lost are sent again within minutes, and Stripe remembers their keys for a day: that day must
   * not pass in a second.
   */
  async resolveDoubt(): Promise<void> {
    for (let round = 0; round < DOUBT_ROUNDS && (await this.isInDoubt()); round++) {
      await this.hasten();
      await this.advanceTo(new Date(this.now.getTime() + RESUMED_EVERY_MS));
    }
  }

  private async isInDoubt(): Promise<boolean> {
    return (await this.database.query(`select from operations where status = 'started' limit 1`)).length > 0;
  }

  async close(): Promise<void> {
    this.diary.flush();
    await this.house.stop();
    await this.sandbox.close();
    await this.relay.close();
    await this.letterbox.close();
    await this.receivers.steady.close();
    await this.receivers.troubled.close();
    await this.database.drop();
  }

  private async furnish(): Promise<void> {
    await this.house.start(true);
    this.endpoints = {
      steady: await this.register(this.receivers.steady, ['*']),
      troubled: await this.register(this.receivers.troubled, ['access.changed', 'payment.*']),
    };
    await this.controls.settle();
  }

  private async register({ url }: Receiver, events: string[]): Promise<string> {
    const { body } = await this.app.ask<{ id: string }>('POST', '/v1/webhook_endpoints', { url, events });
    return body.id;
  }
}
