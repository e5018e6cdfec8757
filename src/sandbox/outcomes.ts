import { TEST_CARDS } from './test-cards.js';

/** What Stripe's documented test cards do: https://docs.stripe.com/testing */
export interface Outcome {
  number: string;
  brand: string;
  funding: 'credit' | 'debit' | 'prepaid';
  country: string;
  /** Why every charge is declined. */
  declines?: DeclineKey;
  /** Refused already when it is saved, not only when it is charged. */
  refusedAtSave?: boolean;
  /** When the cardholder has to authenticate: always, or unless the card was set up for off-session use. */
  authentication?: 'always' | 'unless_set_up';
  checks?: { cvc?: string; line1?: string; postal_code?: string };
  risk?: { level: 'elevated' | 'highest'; score: number };
  /** Whether 3D Secure can be asked for; the default is that it can, without any step for the cardholder. */
  threeDSecure?: 'challenge' | 'unavailable';
  /** What becomes of the payment later: https://docs.stripe.com/testing#disputes */
  later?:
    | 'fraudulent'
    | 'product_not_received'
    | 'inquiry'
    | 'compliance'
    | 'multiple_disputes'
    | 'early_fraud_warning';
  /** How its refunds go: https://docs.stripe.com/testing#refunds */
  refunds?: 'pending' | 'fails';
  /** Goes past the pending balance: https://docs.stripe.com/testing#available-balance */
  available?: boolean;
}

export interface Decline {
  code: string;
  decline_code: string;
  message: string;
  param?: string;
  advice_code?: 'try_again_later' | 'do_not_try_again' | 'confirm_card_data';
  /** Declined by Stripe itself, not by the issuer. */
  blocked?: boolean;
}
export type DeclineKey = keyof typeof DECLINES;

const declined = 'Your card was declined.';
/** https://docs.stripe.com/declines/codes, advice as test mode gives it: https://docs.stripe.com/declines/card#retrying-issuer-declines */
export const DECLINES = {
  generic_decline: decline('card_declined', declined, 'try_again_later'),
  insufficient_funds: decline('card_declined', 'Your card has insufficient funds.', 'try_again_later'),
  lost_card: decline('card_declined', declined, 'do_not_try_again'),
  stolen_card: decline('card_declined', declined, 'do_not_try_again'),
  expired_card: decline('expired_card', 'Your card has expired.', 'confirm_card_data', 'exp_month'),
  incorrect_cvc: decline('incorrect_cvc', "Your card's security code is incorrect.", 'confirm_card_data', 'cvc'),
  processing_error: decline(
    'processing_error',
    'An error occurred while processing your card. Try again in a little bit.',
    'try_again_later',
  ),
  incorrect_number: decline('incorrect_number', 'Your card number is incorrect.', 'confirm_card_data', 'number'),
  card_velocity_exceeded: decline(
    'card_declined',
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
    'try_again_later',
  ),
  fraudulent: { ...decline('card_declined', declined), blocked: true },
  authentication_required: decline(
    'authentication_required',
    'Your card was declined. This transaction requires authentication.',
  ),
} satisfies Record<string, Omit<Decline, 'decline_code'>>;

export function declineOf(key: DeclineKey): Decline {
  return { ...DECLINES[key], decline_code: key };
}

const BY_NUMBER = new Map([...TEST_CARDS].toReversed().map(([name, outcome]) => [outcome.number, name]));

/** `pm_card_visa` or `tok_visa` → `visa`; undefined: no such test card. */
export function testCardOf(id: string): string | undefined {
  const name = /^(?:pm_card|tok)_(\w+)$/.exec(id)?.[1];
  return name !== undefined && TEST_CARDS.has(name) ? name : undefined;
}

export function testCardOfNumber(number: string): string | undefined {
  return BY_NUMBER.get(number.replaceAll(' ', ''));
}

export function outcomeOf(name: string): Outcome {
  const outcome = TEST_CARDS.get(name);
  if (outcome === undefined) throw new Error(`no test card ${name}`);
  return outcome;
}

function decline(
  code: string,
  message: string,
  advice_code?: NonNullable<Decline['advice_code']>,
  param?: string,
): Omit<Decline, 'decline_code'> {
  return { code, message, ...(advice_code && { advice_code }), ...(param !== undefined && { param }) };
}
