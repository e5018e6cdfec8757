import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { all, Contract, each } from './contract.js';
import type { Called } from './contract.js';
import type { Operation } from './documented-api.js';

let contract: Contract;
beforeAll(async () => {
  contract = await Contract.open();
});
afterAll(() => contract.close());

describe('ids', () => {
  test.each([
    ['unknown', 'unknown_1'],
    ['in the form of Stripe’s', 'cus_unknown'],
    ['of other characters', 'x y/ü%💶'],
    ['long', 'a'.repeat(100)],
  ])('one that is %s is a 404', async (_what, id) => {
    const answers = await each(contract.withId, codeOf(id));
    expect(answers).toEqual(
      new Map(
        contract.withId.map(({ name, path }) => [
          name,
          path.includes('{customer}') ? '404 customer_not_found' : '404 not_found',
        ]),
      ),
    );
  });

  test('one that PostgreSQL cannot hold is refused', async () => {
    expect(await each(contract.withId, codeOf('a\u0000b'))).toEqual(all(contract.withId, '422 invalid_input'));
  });

  test('of a customer who has another payment method is a 404', async () => {
    await contract.world.api.post('/v1/customers', { external_id: 'ada' });
    const detach = contract.withId.filter(({ path }) => path.endsWith('/payment_methods/{id}'));
    const ids = { customer: 'ada', id: 'pm_unknown' };
    expect(await each(detach, async (operation) => (await contract.call(operation, { ids })).problem.code)).toEqual(
      new Map([['DELETE /v1/customers/{customer}/payment_methods/{id}', 'not_found']]),
    );
  });

  test('a deleted customer is a 410 by Stripe’s id, and unknown by an external_id that is free again', async () => {
    const { body } = await contract.world.api.post<{ id: string }>('/v1/customers', { external_id: 'gone' });
    await contract.world.api.delete('/v1/customers/gone');
    const ofCustomer = contract.withId.filter(({ path }) => path.includes('{customer}'));
    expect(await each(ofCustomer, codeOf('gone'))).toEqual(all(ofCustomer, '404 customer_not_found'));
    expect(await each(ofCustomer, codeOf(body.id))).toEqual(
      new Map([
        ...all(ofCustomer, '410 customer_deleted'),
        // What they were charged stays known, and that they may use nothing is an answer.
        ['GET /v1/customers/{customer}/invoices', '200'],
        ['GET /v1/customers/{customer}/access', '200'],
      ]),
    );
  });
});

describe('lists', () => {
  /** Objects whose lists there are, by where their id stands. */
  const parents = new Map<string, string>();
  beforeAll(async () => {
    await make('/v1/customers', { external_id: 'lister' });
    parents.set('/webhook_endpoints/', await make('/v1/webhook_endpoints', { url: 'http://127.0.0.1:9/hooks' }));
    parents.set('/reconciliations/', await make('/v1/reconciliations', { dry_run: true }));
  });

  function listed(operation: Operation, query: string): Promise<Called> {
    const [, id = ''] = [...parents].find(([part]) => operation.path.includes(part)) ?? [];
    return contract.call(operation, { ids: { id, customer: 'lister' }, query });
  }

  test('every one answers as Stripe’s do', async () => {
    const answers = await each(lists(), async (operation) => {
      const { status, problem } = await listed(operation, '?limit=1');
      return `${status} ${Object.keys(problem)
        .toSorted((a, b) => a.localeCompare(b))
        .join()}`;
    });
    expect(lists().length).toBeGreaterThan(12);
    expect(answers).toEqual(all(lists(), '200 data,has_more,object,url'));
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1.5', 'limit'],
    ['no_such_filter=1', 'no_such_filter'],
    ['starting_after=unknown', 'starting_after'],
    ['starting_after=%00', 'starting_after'],
  ])('every one refuses %s and names it', async (query, pointer) => {
    const answers = await each(lists(), async (operation) => {
      const { status, problem } = await listed(operation, `?${query}`);
      return [status, problem.errors?.map((error) => error.pointer)];
    });
    expect(answers).toEqual(all(lists(), [422, [pointer]]));
  });

  test('a filter of nonsense finds nothing or is refused, and breaks nothing', async () => {
    for (const operation of lists()) {
      for (const { name, in: place } of operation.parameters ?? []) {
        if (place !== 'query' || name === 'limit') continue;
        for (const nonsense of ['💶 %_', 'a\u0000b', 'cus_unknown']) {
          const { status, problem } = await listed(operation, `?${name}=${encodeURIComponent(nonsense)}`);
          const found = status === 200 ? (problem['data'] as object[]) : [];
          expect([operation.name, name, [200, 404, 422].includes(status), found]).toEqual([
            operation.name,
            name,
            true,
            [],
          ]);
        }
      }
    }
  });

  test('pages follow one another without gap or repetition', async () => {
    for (let number = 1; number <= 5; number++) await make('/v1/customers', { external_id: `page-${number}` });
    await contract.world.sandbox.settle();
    for (const path of ['/v1/customers', '/v1/events', '/v1/api_keys']) {
      const whole = (await page(`${path}?limit=100`)).data.map(({ id }) => id);
      const pages: string[] = [];
      for (let more = true; more;) {
        const after = pages.length > 0 ? `&starting_after=${pages.at(-1)}` : '';
        const { data, has_more } = await page(`${path}?limit=2${after}`);
        pages.push(...data.map(({ id }) => id));
        more = has_more;
      }
      expect(whole.length).toBeGreaterThan(2);
      expect(pages).toEqual(whole);
    }
  });
});

/** The mailbox is not there when an SMTP server is. */
function lists(): Operation[] {
  return contract.operations.filter(
    ({ path, parameters }) => path !== '/v1/mailbox' && parameters?.some(({ name }) => name === 'limit'),
  );
}

async function make(path: string, body: object): Promise<string> {
  return (await contract.world.api.post<{ id: string }>(path, body)).body.id;
}

async function page(path: string): Promise<{ data: Array<{ id: string }>; has_more: boolean }> {
  return (await contract.world.api.get<{ data: Array<{ id: string }>; has_more: boolean }>(path)).body;
}

/** What is answered for this id, in every place of the path. */
function codeOf(id: string): (operation: Operation) => Promise<string> {
  return async (operation) => {
    const { status, problem } = await contract.call(operation, { body: contract.bodyFor(operation), ids: id });
    return [status, problem.code].join(' ').trim();
  };
}
