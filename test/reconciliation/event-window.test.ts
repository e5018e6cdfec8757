import { expect, test } from '@jest/globals';
import { eventWindow } from '../../src/reconciliation/event-window.js';

const now = new Date('2026-03-01T12:00:00Z');

test.each<[string, string | null, boolean, string, string]>([
  ['the first looks three days back', null, true, '2026-02-26T11:50:00Z', '2026-03-01T12:00:00Z'],
  [
    'the next begins ten minutes before the end of the last',
    '2026-03-01T11:53:00Z',
    true,
    '2026-03-01T11:43:00Z',
    '2026-03-01T12:00:00Z',
  ],
  [
    'a scheduled one leaves the last two minutes to the next',
    '2026-03-01T11:53:00Z',
    false,
    '2026-03-01T11:43:00Z',
    '2026-03-01T11:58:00Z',
  ],
  ['after 29 days nothing is left out', '2026-01-31T12:00:00Z', false, '2026-01-31T11:50:00Z', '2026-03-01T11:58:00Z'],
  ['Stripe keeps 30 days', '2025-12-01T00:00:00Z', false, '2026-01-30T12:00:00Z', '2026-03-01T11:58:00Z'],
  [
    'a clock that was set back leaves no gap',
    '2026-03-05T00:00:00Z',
    true,
    '2026-03-01T11:50:00Z',
    '2026-03-01T12:00:00Z',
  ],
])('%s', (_, coveredTo, everything, from, to) => {
  expect(eventWindow(now, coveredTo === null ? null : new Date(coveredTo), everything)).toEqual({
    from: new Date(from),
    to: new Date(to),
  });
});
