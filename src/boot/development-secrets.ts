import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The sandbox takes any test key; it guards nothing. */
export const SANDBOX_KEY = 'sk_test_sandbox';

const Secrets = z.object({ webhookSecret: z.string().startsWith('whsec_'), apiKey: z.string().nullable() });
export type DevelopmentSecrets = z.infer<typeof Secrets>;

const FILE = 'development.json';

/** What a development machine must remember from one start to the next, readable by its user alone. */
export async function developmentSecrets(dataDir: string): Promise<DevelopmentSecrets> {
  const known = await read(dataDir);
  if (known) return known;
  const secrets = { webhookSecret: `whsec_${randomBytes(24).toString('base64url')}`, apiKey: null };
  await write(dataDir, secrets);
  return secrets;
}

export async function rememberApiKey(dataDir: string, apiKey: string): Promise<void> {
  await write(dataDir, { ...(await developmentSecrets(dataDir)), apiKey });
}

async function read(dataDir: string): Promise<DevelopmentSecrets | null> {
  try {
    return Secrets.parse(JSON.parse(await readFile(join(dataDir, FILE), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new Error(`${join(dataDir, FILE)} cannot be read: delete it and start again.`, { cause: error });
  }
}

async function write(dataDir: string, secrets: DevelopmentSecrets): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, FILE), `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
}
