import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isMistyped, newApiKey, presentedKey } from '../../src/api/api-key-format.js';

describe('a new key', () => {
  test('says its mode and is never the same', () => {
    expect(newApiKey('test')).toMatch(/^gs_test_[0-9A-Za-z]{38}$/);
    expect(newApiKey('live')).toMatch(/^gs_live_[0-9A-Za-z]{38}$/);
    expect(new Set(Array.from({ length: 50 }, () => newApiKey('test'))).size).toBe(50);
  });

  test('any one character typed wrongly is noticed', () => {
    const key = newApiKey('test');
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: key.length - 1 }),
        fc.constantFrom('0', 'a', 'Z', '9', 'b'),
        (at, typed) => {
          const other = key.slice(0, at) + typed + key.slice(at + 1);
          expect(isMistyped(other)).toBe(other !== key);
        },
      ),
    );
  });

  test('a key that was not made here is not called mistyped', () => {
    expect(isMistyped('gs_bootstrap_key_of_a_container_0001')).toBe(false);
    expect(isMistyped('sk_test_123')).toBe(false);
  });
});

test.each([
  ['Bearer gs_x', 'gs_x'],
  ['bearer  gs_x ', 'gs_x'],
  [`Basic ${Buffer.from('gs_x:').toString('base64')}`, 'gs_x'],
  [`Basic ${Buffer.from('gs_x:ignored').toString('base64')}`, 'gs_x'],
  ['Basic Og==', null],
  ['gs_x', null],
  ['Digest gs_x', null],
  ['', null],
  [undefined, null],
])('the key presented by %j is %j', (header, key) => {
  expect(presentedKey(header)).toBe(key);
});
