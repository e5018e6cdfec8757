import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { Letterbox } from '../simulate/letterbox.js';
import { openReceiver } from '../simulate/receivers.js';
import type { Receiver } from '../simulate/receivers.js';
import { copyOf, emptyDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { freePort } from '../support/port.js';
import { query } from '../support/query.js';
import { SandboxControls } from '../support/sandbox-controls.js';
import { Place } from './place.js';
import type { Server } from './server.js';

export const SECRET = 'whsec_setting';
const KEY = `gs_test_${'s'.repeat(32)}`;
export const BEGINNING = new Date('2026-01-15T09:00:00Z');

interface Furniture {
  database: TestDatabase;
  /** The sandbox's. */
  stateFile: string;
}

/** All that outlives a house which is killed: its database, Stripe, a mail server and a receiver of its webhooks. */
export class Setting {
  private constructor(
    readonly database: TestDatabase,
    readonly sandbox: Sandbox,
    readonly controls: SandboxControls,
    readonly letterbox: Letterbox,
    readonly receiver: Receiver,
    readonly port: number,
    private readonly place: Place,
    private readonly stateFile: string,
  ) {}

  /** Nothing is in it yet, not even a schema. */
  static async bare(database?: TestDatabase): Promise<Setting> {
    const place = await Place.make();
    const stateFile = join(place.folder, 'sandbox.db');
    return Setting.open(place, { database: database ?? (await emptyDatabase()), stateFile });
  }

  /** With a catalogue, and the receiver known. */
  static async furnished(furniture: Furniture): Promise<Setting> {
    const place = await Place.make();
    const stateFile = join(place.folder, 'sandbox.db');
    await copyFile(furniture.stateFile, stateFile);
    const setting = await Setting.open(place, { database: await copyOf(furniture.database), stateFile });
    await setting.query('update webhook_endpoints set url = $1', [setting.receiver.url]);
    return setting;
  }

  private static async open(place: Place, { database, stateFile }: Furniture): Promise<Setting> {
    const port = await freePort();
    const webhook = { url: `http://127.0.0.1:${port}/webhooks/stripe`, secret: SECRET };
    const sandbox = await startSandbox({ port: 0, frozen: true, now: BEGINNING, stateFile, webhook });
    const controls = new SandboxControls(sandbox.url);
    const [letterbox, receiver] = [await Letterbox.open(), await openReceiver()];
    return new Setting(database, sandbox, controls, letterbox, receiver, port, place, stateFile);
  }

  /** @param first brings the catalogue to Stripe and tells of the receiver */
  async start(first = false, env: Record<string, string> = {}): Promise<Server> {
    const house = await this.spawn(env, first).ready();
    if (first) await house.api.post('/v1/webhook_endpoints', { url: this.receiver.url, events: ['*'] });
    return house;
  }

  spawn(env: Record<string, string> = {}, first = false): Server {
    return this.place.spawn({
      program: 'test/faults/replica.mjs',
      args: [this.sandbox.url, ...(first ? ['first'] : [])],
      env: {
        NODE_ENV: 'test',
        PORT: String(this.port),
        DATABASE_URL: this.database.url,
        STRIPE_WEBHOOK_SECRET: SECRET,
        BOOTSTRAP_API_KEY: KEY,
        SMTP_URL: this.letterbox.url,
        LOG_LEVEL: 'error',
        ...env,
      },
    });
  }

  query<Row>(statement: string, values: unknown[] = []): Promise<Row[]> {
    return query(this.database.url, statement, values) as Promise<Row[]>;
  }

  /** What Stripe has, all of it. */
  async stripes<T>(path: string): Promise<T[]> {
    const found: T[] = [];
    for (let after = ''; ;) {
      const url = `${this.sandbox.url}/v1/${path}${path.includes('?') ? '&' : '?'}limit=100${after}`;
      const response = await fetch(url, { headers: { authorization: 'Bearer sk_test_setting' } });
      const page = (await response.json()) as { data: Array<T & { id: string }>; has_more: boolean };
      found.push(...page.data);
      if (!page.has_more) return found;
      after = `&starting_after=${page.data.at(-1)?.id}`;
    }
  }

  /** What only machine time brings is brought now: retries, and leases of the dead and of those who were cut off. */
  hasten(): Promise<unknown[]> {
    return this.query(`
      update inbound_events set next_attempt_at = now() where status = 'pending' and next_attempt_at > now();
      update webhook_deliveries set next_attempt_at = now() where status = 'pending' and next_attempt_at > now();
      update operations set started_at = started_at - interval '2 minutes' where status = 'started';
      update idempotency_keys set claimed_at = claimed_at - interval '1 minute' where state = 'started';
      update pgboss.job set heartbeat_on = heartbeat_on - interval '1 minute' where state = 'active';
      update pgboss.job set start_after = now() where state in ('created', 'retry') and start_after > now();
      select pg_notify('inbox', '')`);
  }

  /** Ends all that runs, and leaves what others can be furnished with until `clear`. */
  async still(): Promise<Furniture> {
    await this.place.endAll();
    await this.sandbox.close();
    await this.letterbox.close();
    await this.receiver.close();
    return { database: this.database, stateFile: this.stateFile };
  }

  async close(): Promise<void> {
    await this.still();
    await this.clear();
  }

  clear(): Promise<void> {
    return this.place.clear();
  }
}
