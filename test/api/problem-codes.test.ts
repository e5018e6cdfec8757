import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemCodes } from '../../src/api/problem-codes.js';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

/** The codes that a source file's failures give themselves. */
function codesIn(source: string): string[] {
  if (!source.includes('extends Failure')) return [];
  return [...source.matchAll(/\bcode(?::\s*[^=;]+)?\s*=\s*'(\w+)'/g)].flatMap(([, code]) => code ?? []);
}

function failuresOf(folder: string): Array<{ file: string; code: string }> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
  return files.flatMap((file) => codesIn(readFileSync(join(folder, file), 'utf8')).map((code) => ({ file, code })));
}

describe('the table of codes', () => {
  test('holds the code of every failure in the tree', () => {
    const found = failuresOf('src');
    expect(found.map(({ code }) => code)).toEqual(expect.arrayContaining(['not_found', 'idempotency_key_in_use']));
    expect(found.filter(({ code }) => problemCodes[code] === undefined)).toEqual([]);
  });

  test('would notice a new failure', () => {
    expect(codesIn("class A extends Failure {\n  readonly code = 'new_failure';\n}")).toEqual(['new_failure']);
    expect(codesIn("class A extends Failure {\n  override readonly code: string = 'other';\n}")).toEqual(['other']);
  });
});

describe('the page /docs/errors', () => {
  let api: ApiApp;
  beforeAll(async () => {
    api = await startApiApp();
  });
  afterAll(() => api.close());

  test('is public and has an anchor for every code', async () => {
    const answer = await api.call('GET', '/docs/errors', { key: null });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const code of Object.keys(problemCodes)) expect(answer.text).toContain(`<h2 id="${code}">`);
  });
});
