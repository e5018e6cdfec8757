import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

let api: ApiApp;
let document: OpenAPIObject;
beforeAll(async () => {
  api = await startApiApp();
  const answer = await api.call('GET', '/openapi.json', { key: null });
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  document = JSON.parse(answer.text) as OpenAPIObject;
});
afterAll(() => api.close());

describe('/openapi.json', () => {
  test('is OpenAPI 3.1 with a bearer key; public paths need none', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.components?.securitySchemes?.['api_key']).toMatchObject({ type: 'http', scheme: 'bearer' });
    expect(document.security).toEqual([{ api_key: [] }]);
    expect(document.paths['/health/ready']?.get?.security).toEqual([]);
    expect(document.paths['/v1/things']?.get?.security).toBeUndefined();
  });

  test('is made of the schemas that check: bodies are strict, nullable and ranges are told', () => {
    const schemas = document.components?.schemas ?? {};
    expect(schemas['CreateThing']).toMatchObject({
      additionalProperties: false,
      required: ['name'],
      properties: { amount: { type: 'integer', minimum: 1 } },
    });
    expect(schemas['Thing']).toMatchObject({ properties: { note: { type: ['string', 'null'] } } });
    expect(document.paths['/v1/things']?.post).toMatchObject({
      tags: ['Things'],
      requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/CreateThing' } } } },
    });
    const parameters = document.paths['/v1/things']?.get?.parameters;
    expect(parameters).toContainEqual(
      expect.objectContaining({
        name: 'limit',
        in: 'query',
        required: false,
        schema: expect.objectContaining({ type: 'integer', minimum: 1, maximum: 100, default: 10 }),
      }),
    );
  });

  test('every operation documents its errors as problem+json, every POST under /v1 the Idempotency-Key', () => {
    expect(document.components?.responses?.['Problem']).toMatchObject({
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
    for (const [path, item] of Object.entries(document.paths)) {
      for (const operation of [item.get, item.post, item.delete].filter((found) => found !== undefined)) {
        expect(operation.responses['4XX']).toEqual({ $ref: '#/components/responses/Problem' });
        expect(operation.responses['5XX']).toEqual({ $ref: '#/components/responses/Problem' });
      }
      if (item.post && path.startsWith('/v1/')) {
        expect(item.post.parameters).toContainEqual(expect.objectContaining({ name: 'Idempotency-Key', in: 'header' }));
      }
    }
  });

  test('every $ref leads somewhere', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(refs.length).toBeGreaterThan(5);
    for (const ref of refs) {
      const target = ref.split('/').reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], document);
      expect(target).toBeDefined();
    }
  });
});

describe('/docs', () => {
  test('loads everything from here, as its Content-Security-Policy demands', async () => {
    const page = await api.call('GET', '/docs', { key: null });
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    const inlineScripts = [...page.text.matchAll(/<script(?![^>]*\bsrc=)[^>]*>/g)];
    expect(inlineScripts).toEqual([]);
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)]
      .map(([, url]) => url ?? '')
      .filter((url) => !url.startsWith('#'));
    expect(assets.length).toBeGreaterThanOrEqual(4);
    for (const asset of assets) {
      const url = new URL(asset, 'http://localhost/docs');
      expect(url.host).toBe('localhost');
      expect((await api.call('GET', url.pathname, { key: null })).status).toBe(200);
    }
  });
});
