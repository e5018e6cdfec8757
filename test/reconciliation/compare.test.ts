import { describe, expect, test } from '@jest/globals';
import { compare } from '../../src/reconciliation/compare.js';

const created = new Date('2026-01-15T09:00:00Z');
const columns = { id: 'sub_1', status: 'active', created, metadata: { plan: 'pro', team: 'a' }, cancel_at: null };
const row = {
  ...columns,
  data: {},
  as_of: created,
  as_of_max: created,
  revision: 3,
  deleted: false,
  cause: 'evt_1',
};

describe('equal', () => {
  test('whatever the order of keys, and moments by their value', () => {
    const same = { ...columns, metadata: { team: 'a', plan: 'pro' }, created: new Date(created) };
    expect(compare(row, same)).toBeNull();
  });

  test('deleted on both sides, unknown on both sides', () => {
    expect(compare({ ...row, deleted: true }, null)).toBeNull();
    expect(compare(null, null)).toBeNull();
  });
});

test('missing: Stripe has it, we do not', () => {
  expect(compare(null, columns)).toEqual({ class: 'missing', detail: {} });
});

test('stale: names each differing column, with what either side says', () => {
  const changed = {
    ...columns,
    status: 'past_due',
    created: new Date('2026-01-15T09:00:01Z'),
    metadata: { plan: 'pro' },
    cancel_at: created,
  };
  expect(compare(row, changed)).toEqual({
    class: 'stale',
    detail: {
      status: { ours: 'active', stripes: 'past_due' },
      created: { ours: '2026-01-15T09:00:00.000Z', stripes: '2026-01-15T09:00:01.000Z' },
      metadata: { ours: { plan: 'pro', team: 'a' }, stripes: { plan: 'pro' } },
      cancel_at: { ours: null, stripes: '2026-01-15T09:00:00.000Z' },
    },
  });
});

test('deleted: on one side only', () => {
  expect(compare(row, null)).toEqual({ class: 'deleted', detail: { deleted: { ours: false, stripes: true } } });
  expect(compare({ ...row, deleted: true }, columns)).toEqual({
    class: 'deleted',
    detail: { deleted: { ours: true, stripes: false } },
  });
});
