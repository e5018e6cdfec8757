import { describe, expect, test } from '@jest/globals';
import { StripeInvalidRequest, StripeUnavailable } from '../../../src/stripe/stripe.errors.js';
import Stripe from 'stripe';
import { afterFailure } from '../../../src/webhooks/inbound/retry-policy.js';

const poison = new Error('cannot be read');

function fromPostgres(code: string): Error {
  return Object.assign(new Error('from PostgreSQL'), { code });
}

test('gaps grow from a second or two to five minutes, with jitter', () => {
  for (let attempt = 1; attempt <= 40; attempt++) {
    const gap = Math.min(2 ** attempt, 300);
    const { retryInSeconds } = afterFailure(attempt, poison);
    expect(retryInSeconds).toBeGreaterThanOrEqual(gap / 2);
    expect(retryInSeconds).toBeLessThanOrEqual(gap);
  }
  expect(new Set(Array.from({ length: 20 }, () => afterFailure(5, poison).retryInSeconds)).size).toBeGreaterThan(1);
});

describe('the eighth attempt', () => {
  test.each<[string, unknown]>([
    ['poison', poison],
    ['what is not even an error', 'a word'],
    ['a failure that no retry helps', new StripeInvalidRequest(new Stripe.errors.StripeInvalidRequestError({}))],
    ['data that PostgreSQL cannot take', fromPostgres('22P05')],
    ['a constraint', fromPostgres('23505')],
  ])('is the last for %s', (_, error) => {
    expect(afterFailure(7, error).fatal).toBe(false);
    expect(afterFailure(8, error).fatal).toBe(true);
  });

  test.each<[string, unknown]>([
    ['Stripe is away', new StripeUnavailable(poison)],
    ['the database shuts down', fromPostgres('57P01')],
    ['the database has no connection left', fromPostgres('53300')],
    ['the disk is full', fromPostgres('53100')],
    ['of a deadlock', fromPostgres('40P01')],
    ['the connection was lost', new Error('Connection terminated unexpectedly')],
  ])('is not the last when it failed because %s', (_, error) => {
    expect(afterFailure(1000, error).fatal).toBe(false);
  });
});
