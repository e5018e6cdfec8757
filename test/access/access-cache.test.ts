import { describe, expect, test } from '@jest/globals';
import { AccessCache } from '../../src/access/access-cache.js';
import type { KnownAccess } from '../../src/access/access-cache.js';

function known(customer: string, text = 'Paid.'): KnownAccess {
  return {
    customer,
    entitlements: {},
    summary: { rule: 'paid', text, subscription: null, standing: 'good' },
    next_change_at: null,
  };
}

/** A read that ends when it is told to. */
function slowRead(result: KnownAccess) {
  const { promise, resolve } = Promise.withResolvers<KnownAccess>();
  return { read: () => promise, end: () => resolve(result) };
}

describe('the cache', () => {
  test('keeps what was loaded, by the name that was asked with', async () => {
    const cache = new AccessCache();
    await cache.load('user-1', async () => known('cus_1'));
    expect(cache.get('user-1')?.customer).toBe('cus_1');
    expect(cache.get('cus_1')).toBeUndefined();
  });

  test('forgets a customer under all of their names, and nobody else', async () => {
    const cache = new AccessCache();
    await cache.load('user-1', async () => known('cus_1'));
    await cache.load('cus_1', async () => known('cus_1'));
    await cache.load('cus_2', async () => known('cus_2'));
    cache.forget('cus_1');
    expect([cache.get('user-1'), cache.get('cus_1')]).toEqual([undefined, undefined]);
    expect(cache.get('cus_2')).toBeDefined();
  });

  test('still knows the other name after one was loaded again', async () => {
    const cache = new AccessCache();
    await cache.load('user-1', async () => known('cus_1'));
    await cache.load('user-1', async () => known('cus_1', 'Newer.'));
    cache.forget('cus_1');
    expect(cache.get('user-1')).toBeUndefined();
  });

  test('does not keep what was forgotten while it was being read', async () => {
    const cache = new AccessCache();
    const slow = slowRead(known('cus_1'));
    const loading = cache.load('user-1', slow.read);
    cache.forget('cus_1');
    slow.end();
    expect(await loading).toEqual(known('cus_1'));
    expect(cache.get('user-1')).toBeUndefined();
  });

  test('does not keep what was being read when everything was cleared', async () => {
    const cache = new AccessCache();
    const slow = slowRead(known('cus_1'));
    const loading = cache.load('user-1', slow.read);
    cache.clear();
    slow.end();
    await loading;
    expect(cache.get('user-1')).toBeUndefined();
  });

  test('keeps a read that the news of another customer fell into', async () => {
    const cache = new AccessCache();
    const slow = slowRead(known('cus_1'));
    const loading = cache.load('user-1', slow.read);
    cache.forget('cus_2');
    slow.end();
    await loading;
    expect(cache.get('user-1')).toBeDefined();
  });

  test('keeps nothing of a read that failed', async () => {
    const cache = new AccessCache();
    await expect(cache.load('user-1', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(cache.get('user-1')).toBeUndefined();
  });
});
