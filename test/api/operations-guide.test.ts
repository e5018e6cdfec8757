import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { World } from '../support/world.js';
import { DocumentedApi } from './documented-api.js';

const guide = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

let world: World;
let api: DocumentedApi;
beforeAll(async () => {
  world = await World.open();
  api = await DocumentedApi.at(world.house.url);
});
afterAll(() => world.close());

/** `METHOD /path`, as the guide's sentences and commands name them. */
function named(): string[] {
  const inSentences = [...guide.matchAll(/`(GET|POST|PATCH|DELETE) (\/[^`\s?]+)/g)].map(
    ([, method, path]) => `${method} ${path}`,
  );
  const inCommands = [...guide.matchAll(/^api '?(\/[^'\s?]+)\S*(.*)$/gm)].map(([, path, rest = '']) => {
    const method = /-X (\w+)/.exec(rest)?.[1] ?? (rest.includes(' --json ') ? 'POST' : 'GET');
    return `${method} ${path}`;
  });
  return [...inSentences, ...inCommands];
}

test('the operator is told of nothing that the API has not', () => {
  const there = api.operations.map(
    ({ method, path }) => new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  );
  const wanted = named();
  expect(wanted.length).toBeGreaterThan(20);
  expect(wanted.filter((name) => !there.some((pattern) => pattern.test(name)))).toEqual([]);
});
