import { describe, expect, test } from '@jest/globals';
import { parsePolicies, readPoliciesFile } from '../../src/access/policies-file.js';
import { graceEnd } from '../../src/access/grace.js';

const valid = `access:
  trialing: allow
  active: allow
  past_due: { grace_days: 7 }
  unpaid: deny
  paused: deny
  canceled: deny
  incomplete: deny
  incomplete_expired: deny
answers:
  stale_for_minutes: 60
dunning:
  reminders:
    - id: last_notice
      days_before_access_ends: 2
`;

describe('the policies file', () => {
  test('that ships is valid and states every status', () => {
    const { access, dunning } = readPoliciesFile();
    expect(access.past_due.grace_days).toBe(7);
    expect(dunning.reminders.map(({ id }) => id)).toContain('last_notice');
  });

  const cases: Array<[string, string, string, string]> = [
    [
      'a word that is no decision',
      'unpaid: deny',
      'unpaid: no',
      'config/policies.yaml:5:3 access.unpaid: expected one of allow, deny, got "no"',
    ],
    [
      'a status that is forgotten',
      '  paused: deny\n',
      '',
      'config/policies.yaml:1:1 access.paused: expected one of allow, deny, it is missing',
    ],
    [
      'a misspelt status',
      'unpaid: deny',
      'unpayed: deny',
      "config/policies.yaml:5:3 access.unpayed: unknown key; expected 'unpaid'? Known here: trialing, active, past_due, unpaid, paused, canceled, incomplete, incomplete_expired",
    ],
    [
      'canceled that keeps access',
      'canceled: deny',
      'canceled: allow',
      'config/policies.yaml:7:3 access.canceled: expected deny, got "allow"',
    ],
    [
      'half a day of grace',
      'grace_days: 7',
      'grace_days: 0.5',
      'config/policies.yaml:4:15 access.past_due.grace_days: expected a whole number of days from 0 to 365, got 0.5',
    ],
    [
      'a reminder before grace begins',
      'days_before_access_ends: 2',
      'days_before_access_ends: 8',
      'config/policies.yaml:15:7 dunning.reminders[0].days_before_access_ends: expected at most the 7 days of grace (access.past_due.grace_days), got 8',
    ],
    [
      'a reminder twice',
      'dunning:\n  reminders:',
      'dunning:\n  reminders:\n    - { id: last_notice, days_before_access_ends: 3 }',
      "config/policies.yaml:15:7 dunning.reminders[1].id: expected an id of its own, got 'last_notice' again",
    ],
  ];
  test.each(cases)('with %s is refused by file, line and field', (_, from, to, fault) => {
    expect(valid).toContain(from);
    expect(() => parsePolicies(valid.replace(from, to))).toThrow(fault);
  });

  test('grace counts days of 24 hours from the moment the invoice was finalized', () => {
    const policies = parsePolicies(valid);
    expect(graceEnd(new Date('2028-02-26T10:30:00Z'), policies)).toEqual(new Date('2028-03-04T10:30:00Z'));
  });
});
