import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Runtime } from '../../../config/runtime.js';
import { post } from '../../../src/webhooks/outbound/post.js';
import { Receivers } from '../../../src/webhooks/outbound/receivers.js';
import { disguises } from './disguises.js';
import { startReceiver } from './receiver.js';
import type { Receiver } from './receiver.js';

const LOOPBACK = disguises([127, 0, 0, 1]);
const PRIVATE = [disguises([10, 0, 0, 1]), disguises([192, 168, 1, 1]), disguises([172, 16, 0, 9])].flat();
const METADATA = disguises([169, 254, 169, 254]);
const EVERYTHING = [...LOOPBACK, ...PRIVATE, ...METADATA];

/** Spelled like none of these, all of which have to be taken: it is the address that is refused, not the spelling. */
const PUBLIC = disguises([8, 8, 8, 8]).slice(0, 30);

let receiver: Receiver;
beforeEach(async () => void (receiver = await startReceiver()));
afterEach(() => receiver.close());

function receiversIn(nodeEnv: Runtime['nodeEnv']): Receivers {
  return new Receivers({ nodeEnv } as Runtime);
}

/** Null: taken. */
async function refusal(receivers: Receivers, url: string): Promise<string | null> {
  return receivers.check(url).then(
    () => null,
    (error: unknown) => String(error),
  );
}

describe('an address in disguise', () => {
  test('has forty disguises, and more', () => {
    expect(new Set(LOOPBACK).size).toBeGreaterThanOrEqual(40);
  });

  test('is not saved in production, whichever it wears', async () => {
    const production = receiversIn('production');
    const saved: string[] = [];
    for (const host of EVERYTHING) if ((await refusal(production, `https://${host}/hooks`)) === null) saved.push(host);
    expect(saved).toEqual([]);
  });

  test('is not saved in development either, unless it is this machine’s own', async () => {
    const development = receiversIn('development');
    const saved: string[] = [];
    for (const host of [...PRIVATE, ...METADATA])
      if ((await refusal(development, `http://${host}/hooks`)) === null) saved.push(host);
    expect(saved).toEqual([]);
  });

  test('is not connected to, whatever was saved', async () => {
    const reached: string[] = [];
    for (const host of EVERYTHING) {
      const request = { url: `http://${host}:${receiver.port}/`, headers: {}, body: '{}' };
      const { status_code, error } = await post(request, { rule: { loopback: false }, timeoutMs: 2000 });
      if (status_code !== null || !/not a public address|Invalid URL/.test(error ?? ''))
        reached.push(`${host}: ${error}`);
    }
    expect(reached).toEqual([]);
    expect(receiver.connections).toBe(0);
  });

  test('when it is public is saved', async () => {
    const production = receiversIn('production');
    const refused: string[] = [];
    for (const host of PUBLIC) {
      if (URL.parse(`https://${host}/`) === null) continue;
      const reason = await refusal(production, `https://${host}/`);
      if (reason !== null) refused.push(`${host}: ${reason}`);
    }
    expect(refused).toEqual([]);
  });

  test.each(['https:\\\\127.0.0.1\\hooks', 'https:127.0.0.1/hooks', 'https:///127.0.0.1/hooks', ' https://127.0.0.1 '])(
    'is seen behind odd slashes and spaces: %j',
    async (url) => {
      expect(await refusal(receiversIn('production'), url)).toContain('not a public address');
    },
  );

  test.each(['https://8.8.8.8@127.0.0.1/', 'https://127.0.0.1#@8.8.8.8/', 'https://127.0.0.1?@8.8.8.8/'])(
    'is seen beside a public one: %s',
    async (url) => {
      expect(await refusal(receiversIn('production'), url)).not.toBeNull();
    },
  );
});
