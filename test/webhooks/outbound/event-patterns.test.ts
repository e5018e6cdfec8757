import { describe, expect, test } from '@jest/globals';
import { EventPattern, eventTypes, matches } from '../../../src/webhooks/outbound/event-patterns.js';

describe('event patterns', () => {
  test.each(['*', 'subscription.*', 'payment.*', 'access.changed'])('takes %s', (pattern) => {
    expect(EventPattern.parse(pattern)).toBe(pattern);
  });

  test.each(['subscription.past_dew', 'subscriptions.*', '*.created', 'subscription', '', '**', 'constructor.*'])(
    'refuses %p, and names it',
    (pattern) => {
      const result = EventPattern.safeParse(pattern);
      expect(result.error?.issues[0]?.message).toContain(`'${pattern}'`);
    },
  );

  test('* matches every event of the catalogue', () => {
    expect(eventTypes.filter((type) => !matches('*', type))).toEqual([]);
  });

  test('a group matches its own events alone, also where names begin alike', () => {
    const matched = eventTypes.filter((type) => matches('payment.*', type));
    expect(matched).toContain('payment.succeeded');
    expect(matched.filter((type) => !type.startsWith('payment.'))).toEqual([]);
    expect(matches('payment.*', 'payment_method.attached')).toBe(false);
  });

  test('a type matches itself alone', () => {
    expect(eventTypes.filter((type) => matches('access.changed', type))).toEqual(['access.changed']);
  });
});
