import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { guards, guardTable, INVARIANTS } from './guards.js';

// Each of them, and its test, is tried by `npm run test:guards`, which takes minutes; that their list is true takes none.

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}

test.each(guards.map((guard) => [`${guard.file}: ${guard.name}`, guard] as const))(
  '%s stands where its patch looks for it, once',
  (_, { file, find, replace, test: path }) => {
    expect(read(file).split(find)).toHaveLength(2);
    expect(find).not.toBe(replace);
    expect(existsSync(new URL(`../${path}`, import.meta.url))).toBe(true);
  },
);

test('everything that must hold has a guard', () => {
  const guarded = new Set(guards.map(({ row }) => row));
  expect(INVARIANTS.filter((_, index) => !guarded.has(index + 1))).toEqual([]);
});

test('the table in test/README.md is of them: `npm run test:guards -- --table` writes it', () => {
  expect(read('test/README.md')).toContain(guardTable());
});
