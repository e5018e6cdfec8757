import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The sandbox takes any test key; it guards nothing. */
export const SANDBOX_KEY = 'sk_test_sandbox';

const Memory = z.object({
  webhookSecret: z.string().startsWith('whsec_'),
  apiKey: z.string().nullable(),
  /** Whether the sample customers still have to be made, or made to their end. */
  samples: z.enum(['pending', 'settled']),
});
export type DevelopmentMemory = z.infer<typeof Memory>;

const FILE = 'development.json';

/** What a development machine must remember from one start to the next, readable by its user alone. */
export async function developmentMemory(dataDir: string): Promise<DevelopmentMemory> {
  const known = await read(dataDir);
  if (known) return known;
  const fresh: DevelopmentMemory = {
    webhookSecret: `whsec_${randomBytes(24).toString('base64url')}`,
    apiKey: null,
    samples: 'pending',
  };
  await write(dataDir, fresh);
  return fresh;
}

export async function remember(dataDir: string, facts: Partial<DevelopmentMemory>): Promise<void> {
  await write(dataDir, { ...(await developmentMemory(dataDir)), ...facts });
}

async function read(dataDir: string): Promise<DevelopmentMemory | null> {
  try {
    return Memory.parse(JSON.parse(await readFile(join(dataDir, FILE), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new Error(`${join(dataDir, FILE)} cannot be read: delete it and start again.`, { cause: error });
  }
}

async function write(dataDir: string, memory: DevelopmentMemory): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, FILE), `${JSON.stringify(memory, null, 2)}\n`, { mode: 0o600 });
}
