import { describe, expect, test } from '@jest/globals';
import type { Readings } from '../../src/alerts/alert-readings.js';
import { parseAlerts, readAlertsFile } from '../../src/alerts/alerts-file.js';
import { judgeAlerts } from '../../src/alerts/judge-alerts.js';

const calm: Readings = {
  dead_events: 0,
  dead_jobs: 0,
  event_wait: 0,
  job_wait: 0,
  hours_since_last_event: 0.1,
  usually_busy: true,
  refused: 0,
  reconciliations: [
    { kind: 'missed_events', found: 0, usual: 0 },
    { kind: 'objects', found: 3, usual: 2 },
  ],
};

const { alerts: rules } = readAlertsFile();
const judged = (over: Partial<Readings>) => judgeAlerts(rules, { ...calm, ...over });

describe('by the rules that come along', () => {
  test('a calm house raises nothing', () => {
    expect(judged({})).toEqual([]);
    expect(judged({ hours_since_last_event: null })).toEqual([]);
  });

  test.each<[string, Partial<Readings>, Partial<Readings>, string]>([
    ['dead_letters', { dead_events: 0 }, { dead_events: 1, dead_jobs: 2 }, "1 event of Stripe's, 2 jobs"],
    ['lag', { event_wait: 300 }, { event_wait: 301, job_wait: 20 }, 'is to be projected has waited for 5 minutes'],
    ['lag', { job_wait: 300 }, { job_wait: 7200 }, 'A job that could be done has waited for 120 minutes'],
    ['silence', { hours_since_last_event: 6 }, { hours_since_last_event: 7.5 }, 'nothing for 7 hours'],
    ['signature_failures', { refused: 20 }, { refused: 21 }, '21 deliveries'],
    [
      'reconciliation',
      { reconciliations: [{ kind: 'objects', found: 30, usual: 10 }] },
      { reconciliations: [{ kind: 'objects', found: 31, usual: 10 }] },
      'found 31 differences from Stripe; usual are 10',
    ],
    [
      'reconciliation',
      { reconciliations: [{ kind: 'missed_events', found: 9, usual: 0 }] },
      { reconciliations: [{ kind: 'missed_events', found: 10, usual: 0 }] },
      'reconciliation of missed events found 10',
    ],
  ])('%s is true beyond its limit, and not at it', (name, at, beyond, text) => {
    expect(judged(at)).toEqual([]);
    expect(judged(beyond)).toEqual([{ name, value: expect.any(Number), text: expect.stringContaining(text) }]);
  });

  test('nights that are always silent are no alert', () => {
    expect(judged({ hours_since_last_event: 9, usually_busy: false })).toEqual([]);
  });

  test('several are told side by side, each once', () => {
    expect(judged({ dead_jobs: 1, refused: 100, job_wait: 1000 }).map(({ name }) => name)).toEqual([
      'dead_letters',
      'lag',
      'signature_failures',
    ]);
  });
});

test('what is left out of the file is off', () => {
  const { alerts } = parseAlerts('resolve_after_minutes: 5\nalerts:\n  lag: { above_minutes: 1 }\n');
  const bad = { ...calm, dead_events: 9, refused: 1000, hours_since_last_event: 100 };
  expect(judgeAlerts(alerts, bad)).toEqual([]);
  expect(judgeAlerts(alerts, { ...bad, event_wait: 61 })).toHaveLength(1);
});

test('a fault of the file is told with its place', () => {
  expect(() => parseAlerts('resolve_after_minutes: 5\nalerts:\n  lagg: { above_minutes: 0 }\n')).toThrow(
    "config/alerts.yaml:3:3 alerts.lagg: unknown key; expected 'lag'?",
  );
  expect(() => parseAlerts('resolve_after_minutes: 0\nalerts: {}\n')).toThrow(
    'expected a whole number of minutes from 1 to 1440',
  );
});
