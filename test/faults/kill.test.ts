import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { chapters, CUSTOMER } from '../../src/boot/story.js';
import type { Chapter } from '../../src/boot/story.js';
import { signed } from '../support/stripe-event.js';
import { Place } from './place.js';
import { until } from '../support/query.js';
import { seededRandom } from './random.js';
import type { Server } from './server.js';

jest.setTimeout(240_000);

const SECRET = 'whsec_kill';

/** Another one is tried by `KILL_SEED=… npm run test:faults -- kill`. */
const SEED = Number(process.env['KILL_SEED'] ?? 67);

let place: Place;

beforeEach(async () => {
  place = await Place.make();
});

afterEach(async () => {
  await place.clear();
});

test('killed between receiving and projecting, it loses no event and follows none twice', async () => {
  const env = { STRIPE_WEBHOOK_SECRET: SECRET };
  const web = await place.start({ env: { ...env, ROLE: 'web' } });
  const events = await eventsOfNewCustomers(web, 20);
  const url = `${web.told('API')}/webhooks/stripe`;
  const copies = Array.from({ length: 5 }, () => events).flat();
  const statuses = await Promise.all(
    copies.map(async (body) => (await fetch(url, { method: 'POST', headers: signed(body, SECRET), body })).status),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await listOf(web, '/v1/customers')).toEqual([]);
  await place.kill(web);

  const all = await place.start({ env });
  await until(async () => (await listOf(all, '/v1/customers')).length === 20);
  await all.sandbox.settle();
  expect(await listOf(all, '/v1/customers')).toHaveLength(20);
  expect(await listOf(all, '/v1/events?type=customer.created')).toHaveLength(20);
  expect(await differences(all)).toBe(0);
});

/** Created by somebody else than the house; the events' bytes, as Stripe would send them. */
async function eventsOfNewCustomers(server: Server, count: number): Promise<string[]> {
  const headers = { authorization: 'Bearer sk_test_kill' };
  const { url } = server.sandbox;
  for (let made = 0; made < count; made++) await fetch(`${url}/v1/customers`, { method: 'POST', headers });
  const response = await fetch(`${url}/v1/events?type=customer.created&limit=100`, { headers });
  const { data } = (await response.json()) as { data: object[] };
  return data.map((event) => JSON.stringify(event));
}

async function listOf(server: Server, path: string): Promise<object[]> {
  const answer = await server.api.get<{ data: object[] }>(`${path}${path.includes('?') ? '&' : '?'}limit=100`);
  return answer.body.data;
}

test(`killed at random moments of the story (seed ${SEED}), it comes to the same end as undisturbed`, async () => {
  const random = seededRandom(SEED);
  const lots = new Map(chapters.map((chapter) => [chapter, random()]));
  const fatal = new Set(chapters.toSorted((a, b) => (lots.get(a) ?? 0) - (lots.get(b) ?? 0)).slice(0, 4));
  let server = await place.start();
  await server.sandbox.post('clock/advance', { to: nextJanuary() });
  for (const [number, chapter] of chapters.entries()) {
    const moment = 'by' in chapter.act ? await momentAfter(server, chapter.act.by) : null;
    if (fatal.has(chapter)) {
      const first = perform(server, chapter, number, moment).catch((error: unknown) => error);
      await wait(random() * (moment ? 1200 : 300));
      await place.kill(server);
      await first;
      server = await place.start();
    }
    await perform(server, chapter, number, moment);
  }
  expect(await accessOf(server)).toEqual({ allowed: true, rule: 'paid' });
  expect(await unsentOf(server)).toEqual([
    ['payment_failed', 'Access is over, and the e-mail on that says what to do.'],
  ]);
  expect(await emailsOf(server)).toEqual(chapters.flatMap(({ expected }) => expected.emails).toSorted());
  expect(await differences(server)).toBe(0);
});

/** From there the months have the lengths that the story counts with. */
function nextJanuary(): string {
  return `${new Date().getUTCFullYear() + 1}-01-10T09:00:00Z`;
}

async function momentAfter(server: Server, by: string): Promise<string> {
  const days = Number(/^(\d+)d$/.exec(by)?.[1]);
  return new Date((await sandboxNow(server)).getTime() + days * 86_400_000).toISOString();
}

async function sandboxNow(server: Server): Promise<Date> {
  const response = await fetch(`${server.sandbox.url}/_sandbox/clock`);
  return new Date(((await response.json()) as { now: string }).now);
}

/** Harmless to repeat, as every client of the API has it: by the same Idempotency-Key. */
async function perform(server: Server, { act }: Chapter, number: number, moment: string | null): Promise<void> {
  if ('path' in act) {
    const answer = await server.api.post(act.path, act.body, { 'idempotency-key': `chapter ${number}` });
    if (answer.status >= 300)
      throw new Error(`${act.path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  } else if (moment !== null && (await sandboxNow(server)) < new Date(moment)) {
    await server.sandbox.post('clock/advance', { to: moment });
  }
  await server.sandbox.settle();
}

async function accessOf(server: Server): Promise<object> {
  const { body } = await server.api.get<{ allowed: boolean; why: { rule: string } }>(
    `/v1/access/check?customer=${CUSTOMER}&feature=api_access`,
  );
  return { allowed: body.allowed, rule: body.why.rule };
}

async function emailsOf(server: Server): Promise<string[]> {
  const { body } = await server.api.get<{ data: Array<{ effect: string }> }>(
    `/v1/mailbox?customer=${CUSTOMER}&limit=100`,
  );
  return body.data.map(({ effect }) => effect).toSorted();
}

/** Which were decided and not sent, and why. */
async function unsentOf(server: Server): Promise<Array<[effect: string, why: string | null]>> {
  const { body } = await server.api.get<{ data: Array<{ effect: string; status: string; error: string | null }> }>(
    `/v1/emails?customer=${CUSTOMER}&limit=100`,
  );
  return body.data.filter(({ status }) => status !== 'sent').map(({ effect, error }) => [effect, error]);
}

/** How many objects of the sandbox the mirror holds otherwise. */
async function differences(server: Server): Promise<number> {
  const { body } = await server.api.post<{ id: string }>('/v1/reconciliations', { kind: 'objects', dry_run: true });
  let run = { status: 'running', found: -1 };
  await until(async () => {
    run = (await server.api.get<typeof run>(`/v1/reconciliations/${body.id}`)).body;
    return run.status !== 'running';
  });
  expect(run.status).toBe('done');
  return run.found;
}
