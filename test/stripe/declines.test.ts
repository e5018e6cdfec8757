import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { adviceFor } from '../../src/stripe/declines.js';

const SUSPICIONS = [
  'fraudulent',
  'lost_card',
  'stolen_card',
  'merchant_blacklist',
  'pickup_card',
  'restricted_card',
  'security_violation',
];

describe('adviceFor', () => {
  test.each([
    ['card_declined', 'insufficient_funds', 'other_card', true],
    ['card_declined', 'generic_decline', 'call_bank', false],
    ['card_declined', 'do_not_honor', 'call_bank', false],
    ['card_declined', 'authentication_required', 'authenticate', false],
    ['card_declined', 'try_again_later', 'try_again', true],
    ['card_declined', 'card_velocity_exceeded', 'call_bank', true],
    ['expired_card', 'expired_card', 'other_card', false],
    ['incorrect_cvc', 'incorrect_cvc', 'correct_details', false],
    ['processing_error', 'processing_error', 'try_again', true],
  ])('%s / %s: %s', (code, declineCode, advice, retryable) => {
    expect(adviceFor(code, declineCode)).toMatchObject({ advice, retryable, decline_code: declineCode });
  });

  test.each([
    ['expired_card', 'other_card'],
    ['incorrect_number', 'correct_details'],
    ['payment_intent_authentication_failure', 'authenticate'],
    ['payment_method_provider_timeout', 'try_again'],
  ])('%s without a decline code is explained by the error code', (code, advice) => {
    expect(adviceFor(code, null)).toMatchObject({ advice, decline_code: null });
  });

  test.each(SUSPICIONS)('%s cannot be told from a generic decline', (suspicion) => {
    const generic = adviceFor('card_declined', 'generic_decline');
    expect(adviceFor('card_declined', suspicion)).toEqual(generic);
    expect(adviceFor(suspicion, null)).toEqual(generic);
  });

  test('whatever Stripe says, no suspicion and no unknown code is shown', () => {
    const code = fc.option(
      fc.oneof(
        fc.constantFrom(...SUSPICIONS, 'card_declined', 'incorrect_cvc'),
        fc.string(),
        fc.constant('constructor'),
      ),
    );
    fc.assert(
      fc.property(code, code, (error, decline) => {
        const shown = adviceFor(error, decline);
        expect(shown.message).toMatch(/^[A-Z].*\.$/);
        expect(shown.message).not.toMatch(/fraud|stolen|lost|blacklist|suspect|security violation/i);
        expect([null, 'generic_decline', 'incorrect_cvc']).toContain(shown.decline_code);
        expect(shown.decline_code === null).toBe(decline === null && !SUSPICIONS.includes(error ?? ''));
      }),
    );
  });
});
