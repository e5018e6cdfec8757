import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readEnv } from '../../config/env.js';
import { createApp } from '../../src/create-app.js';
import type { World } from './world.js';

/** The house's own parts, for what the oracle asks them (what is mirrored, how access is derived); nothing of it works. */
export class HouseParts {
  private constructor(private readonly app: NestFastifyApplication) {}

  static async open({ env: given, sandbox }: World): Promise<HouseParts> {
    const env = readEnv({ ...given, LOG_LEVEL: 'silent', PORT: '0' });
    const { url } = env.database;
    if (url === null) throw new Error('A world has a database.');
    const stripe = { ...env.stripe, secretKey: 'sk_test_oracle', sandboxUrl: sandbox.url };
    const app = await createApp({ ...env, database: { url }, stripe });
    await app.init();
    return new HouseParts(app);
  }

  get<T>(type: new (...args: never[]) => T): T {
    return this.app.get(type);
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
