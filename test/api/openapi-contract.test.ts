import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { all, Contract, each } from './contract.js';
import type { Call } from './contract.js';
import type { Operation, Schema } from './documented-api.js';

let contract: Contract;
beforeAll(async () => {
  contract = await Contract.open();
});
afterAll(() => contract.close());

describe('the document', () => {
  test('has every route of the house but its pages and Prometheus’s door', () => {
    const routes = [...contract.world.house.app.get(ModulesContainer).values()]
      .flatMap(({ controllers }) => [...controllers.values()])
      .flatMap(({ metatype }) => (metatype ? routesOf(metatype) : []));
    const documented = new Set(contract.api.operations.map(({ name }) => name));
    expect(routes.filter((route) => !documented.has(route)).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'GET /docs/errors',
      'GET /mailbox',
      'GET /mailbox/{id}',
      'GET /mailbox/{id}/html',
      'GET /metrics',
    ]);
    expect([...documented].filter((name) => !routes.includes(name))).toEqual([]);
    expect(contract.operations.length).toBeGreaterThan(45);
  });

  test('describes every operation: a summary, a section, a schema for each success', () => {
    const { api } = contract;
    const sections = api.document.tags.filter(({ description }) => description).map(({ name }) => name);
    expect(new Set(api.operations.flatMap(({ tags }) => tags ?? []))).toEqual(new Set(sections));
    for (const operation of api.operations) {
      expect([operation.name, operation.summary]).toEqual([operation.name, expect.stringMatching(/^[A-Z].{5,}/)]);
      expect(operation.tags).toHaveLength(1);
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['4XX', '5XX']));
      const isPage = operation.path === '/v1/emails/preview/{template}';
      const schemas = successes(operation).map((status) => api.answerOf(operation, status));
      expect(schemas.length).toBeGreaterThan(0);
      for (const schema of schemas) expect([operation.name, schema === null]).toEqual([operation.name, isPage]);
    }
  });

  test('is JSON Schema 2020-12 throughout, and closed: an undocumented field would be seen', () => {
    const { api } = contract;
    for (const schema of Object.values(api.document.components.schemas)) api.faults(schema, null);
    const open = api.operations.flatMap((operation) =>
      successes(operation).flatMap((status) => openObjects(api.answerOf(operation, status) ?? {}, operation.name)),
    );
    // A failure's own members: a problem may have further ones (RFC 9457, 3.2).
    expect([...new Set(open)]).toEqual(['POST /v1/customers/{customer}/payment_methods/retried_invoices/error']);
  });

  test('has an example for every body, which fits its schema and is taken', async () => {
    for (const operation of contract.withBody) {
      const example = contract.exampleOf(operation);
      expect([operation.name, example]).toEqual([operation.name, expect.any(Object)]);
      expect(contract.api.faults(contract.api.bodyOf(operation) ?? {}, example)).toEqual([]);
      const { status, problem } = await contract.call(operation, { body: example });
      expect([operation.name, status]).not.toEqual([operation.name, 400]);
      expect([operation.name, problem.code]).not.toEqual([operation.name, 'invalid_input']);
    }
  });
});

describe('keys', () => {
  test('no operation below /v1 is done without a key, or with an unknown one', async () => {
    const refused = { status: 401, code: 'unauthenticated', challenge: expect.stringMatching(/^Bearer/) };
    for (const key of [null, `gs_test_${'0'.repeat(38)}`, 'gs_test_unknown_key_of_an_operator', 'sk_test_123']) {
      const answers = await each(contract.operations, async (operation) => {
        const { status, problem, headers } = await contract.call(operation, { body: contract.bodyFor(operation), key });
        return { status, code: problem.code, challenge: headers.get('www-authenticate') };
      });
      expect(answers).toEqual(all(contract.operations, refused));
    }
  });

  test.each(['read', 'write'])('a key that may only %s is refused everything else', async (scope) => {
    const other = scope === 'read' ? 'write' : 'read';
    const { body } = await contract.world.api.post<{ key: string }>('/v1/api_keys', { name: scope, scopes: [scope] });
    const refused = contract.operations.filter(({ method }) => (method === 'GET') === (other === 'read'));
    const answers = await each(refused, async (operation) => {
      const call = { body: contract.bodyFor(operation), key: body.key };
      const { status, problem } = await contract.call(operation, call);
      return { status, code: problem.code, required_scope: problem['required_scope'] };
    });
    expect(refused.length).toBeGreaterThan(20);
    expect(answers).toEqual(all(refused, { status: 403, code: 'insufficient_scope', required_scope: other }));
  });

  test('health is asked without a key', async () => {
    const open = contract.api.operations.filter(({ path }) => !path.startsWith('/v1/'));
    expect(open.map(({ security }) => security)).toEqual([[], []]);
    expect(await each(open, async (operation) => (await contract.call(operation, { key: null })).status)).toEqual(
      all(open, 200),
    );
  });
});

describe('bodies', () => {
  test('an unknown field is named', async () => {
    const answers = await each(contract.withBody, (operation) =>
      refusal(operation, { body: { ...contract.exampleOf(operation), 'no/such~field': 1 } }),
    );
    expect(answers).toEqual(all(contract.withBody, invalid('/no~1such~0field')));
  });

  test('a required field that is missing is named', async () => {
    for (const operation of contract.withBody) {
      for (const field of contract.api.bodyOf(operation)?.required ?? []) {
        const { [field]: _, ...rest } = contract.exampleOf(operation);
        const answer = await refusal(operation, { body: rest });
        expect([operation.name, answer]).toEqual([operation.name, invalid(`/${field}`)]);
      }
    }
  });

  test('a field of another type is named', async () => {
    for (const { operation, field, schema } of fields()) {
      const body = { ...contract.exampleOf(operation), [field]: ofAnotherType(schema) };
      expect(contract.api.faults(contract.api.bodyOf(operation) ?? {}, body)).not.toEqual([]);
      expect([operation.name, await refusal(operation, { body })]).toEqual([operation.name, invalid(`/${field}`)]);
    }
  });

  test('text that PostgreSQL cannot hold is the caller’s fault, not ours', async () => {
    for (const { operation, field, schema } of fields()) {
      if (schema.type !== 'string') continue;
      const answer = await refusal(operation, { body: { ...contract.exampleOf(operation), [field]: 'a\u0000b' } });
      expect([operation.name, answer]).toEqual([operation.name, invalid(`/${field}`)]);
    }
  });

  test('what is no JSON is a 400, what is no object a 422', async () => {
    const malformed = { status: 400, code: 'malformed_json' };
    const answers = await each(contract.withBody, (operation) => refusal(operation, { raw: '{"a":' }));
    expect(answers).toEqual(all(contract.withBody, malformed));
    for (const body of [[], 'text', 7, null]) {
      const refusals = await each(contract.withBody, (operation) => refusal(operation, { body }));
      expect(refusals).toEqual(all(contract.withBody, invalid('')));
    }
  });

  test('one that may be left out may be left out, and no other', async () => {
    for (const operation of contract.withBody) {
      const { status } = await contract.call(operation);
      expect([operation.name, status === 422]).toEqual([operation.name, operation.requestBody?.required]);
    }
  });
});

async function refusal(operation: Operation, call: Call): Promise<object> {
  const { status, problem } = await contract.call(operation, call);
  return { status, code: problem.code, pointers: problem.errors?.map(({ pointer }) => pointer) };
}

function invalid(pointer: string): object {
  return { status: 422, code: 'invalid_input', pointers: [pointer] };
}

function fields(): Array<{ operation: Operation; field: string; schema: Schema }> {
  return contract.withBody.flatMap((operation) =>
    Object.entries(contract.api.bodyOf(operation)?.properties ?? {}).map(([field, schema]) => ({
      operation,
      field,
      schema: contract.api.resolved(schema),
    })),
  );
}

function ofAnotherType({ type, anyOf }: Schema): unknown {
  const types = [type, ...(anyOf ?? []).map((inner) => contract.api.resolved(inner).type)].flat();
  return types.includes('string') ? 42 : 'text';
}

function successes({ responses }: Operation): number[] {
  return Object.keys(responses)
    .map(Number)
    .filter((status) => status < 300);
}

/** Where a schema lets fields through that it does not name. */
function openObjects(schema: Schema, at: string): string[] {
  const { properties, items, anyOf, additionalProperties } = contract.api.resolved(schema);
  return [
    ...(properties && additionalProperties !== false ? [at] : []),
    ...Object.entries(properties ?? {}).flatMap(([name, inner]) => openObjects(inner, `${at}/${name}`)),
    ...(items ? openObjects(items, at) : []),
    ...(anyOf ?? []).flatMap((inner) => openObjects(inner, at)),
    ...(typeof additionalProperties === 'object' ? openObjects(additionalProperties, at) : []),
  ];
}

/** As Nest knows them, spelled as in the document. */
function routesOf(controller: object): string[] {
  const prefix = Reflect.getMetadata('path', controller) as string;
  const { prototype } = controller as { prototype: Record<string, unknown> };
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (typeof handler !== 'function' || !Reflect.hasMetadata('method', handler)) return [];
    const path = [prefix, Reflect.getMetadata('path', handler) as string].map((part) =>
      part.replaceAll(/^\/|\/$/g, ''),
    );
    const url = path.filter((part) => part !== '').join('/');
    const method = RequestMethod[Reflect.getMetadata('method', handler) as number];
    return [`${method} /${url.replaceAll(/:(\w+)/g, '{$1}')}`];
  });
}
