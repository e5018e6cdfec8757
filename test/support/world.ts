import { randomBytes } from 'node:crypto';
import { readEnv } from '../../config/env.js';
import type { Runtime } from '../../config/runtime.js';
import { openHouse } from '../../src/boot/house.js';
import type { House } from '../../src/boot/house.js';
import { CatalogSync } from '../../src/catalog/catalog-sync.js';
import { Ticker } from '../../src/jobs/ticker.js';
import { freePort } from './port.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { startSmtp } from '../notifications/smtp.js';
import type { Smtp } from '../notifications/smtp.js';
import { ApiClient } from './api-client.js';
import { cloneDatabase } from './database.js';
import { SandboxControls } from './sandbox-controls.js';

export interface WorldOptions {
  /** Where the one clock stands; it moves only when it is turned. */
  now?: string;
  env?: Record<string, string>;
  /** Whether the schedules of `config/schedule.ts` tick; off, a test sees only what it does itself. */
  schedules?: boolean;
}

/** The real application over real HTTP and PostgreSQL with a sandbox Stripe and one clock; one per test file. */
export class World {
  private constructor(
    readonly runtime: Runtime,
    readonly house: House,
    readonly sandbox: SandboxControls,
    readonly api: ApiClient,
    readonly smtp: Smtp,
    private readonly stripe: Sandbox,
  ) {}

  static async open(options: WorldOptions = {}): Promise<World> {
    const database = await cloneDatabase();
    const port = await freePort();
    const secret = `whsec_${randomBytes(18).toString('base64url')}`;
    const key = `gs_test_${randomBytes(24).toString('hex')}`;
    const sandbox = await startSandbox({
      port: 0,
      seed: 7,
      frozen: true,
      now: new Date(options.now ?? '2026-01-15T09:00:00Z'),
      webhook: { url: `http://127.0.0.1:${port}/webhooks/stripe`, secret },
    });
    const smtp = await startSmtp();
    const env = readEnv({
      NODE_ENV: 'test',
      PORT: String(port),
      DATABASE_URL: database.url,
      STRIPE_WEBHOOK_SECRET: secret,
      BOOTSTRAP_API_KEY: key,
      SMTP_URL: smtp.url,
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
      ...options.env,
    });
    const runtime: Runtime = {
      ...env,
      database: { url: database.url },
      stripe: { ...env.stripe, secretKey: 'sk_test_world', sandboxUrl: sandbox.url },
    };
    const house = await openHouse(runtime);
    const controls = new SandboxControls(sandbox.url);
    if (!options.schedules) house.app.get(Ticker).stop();
    await house.app.get(CatalogSync).apply();
    await controls.settle();
    return new World(runtime, house, controls, new ApiClient(house.url, key), smtp, sandbox);
  }

  /** A provider of the running application. */
  get<T>(type: new (...args: never[]) => T): T {
    return this.house.app.get(type);
  }

  async close(): Promise<void> {
    await this.house.close();
    await this.stripe.close();
    await this.smtp.stop();
  }
}
