import type { FastifyRequest } from 'fastify';
import { html, type Html } from '../html.js';
import { testCardOf, testCardOfNumber } from '../outcomes.js';
import { field } from './forms.js';

/** What people most often want to see: https://docs.stripe.com/testing */
const OUTCOMES = [
  ['visa', 'Succeeds'],
  ['authenticationRequired', 'Asks to authenticate (3-D Secure), then succeeds'],
  ['authenticationRequiredChargeDeclinedInsufficientFunds', 'Asks to authenticate, then insufficient funds'],
  ['visa_chargeDeclined', 'Declined'],
  ['visa_chargeDeclinedInsufficientFunds', 'Declined: insufficient funds'],
  ['chargeDeclinedExpiredCard', 'Declined: expired card'],
  ['chargeDeclinedIncorrectCvc', 'Declined: wrong security code'],
  ['chargeCustomerFail', 'Can be saved, then every charge is declined'],
] as const;

/** A test number, or an outcome picked from a list. */
export function cardFields(): Html {
  return html`<fieldset>
    <legend>Card</legend>
    <label for="number">Test card number</label>
    <input
      id="number"
      name="number"
      inputmode="numeric"
      autocomplete="off"
      placeholder="4242 4242 4242 4242"
      aria-describedby="number-hint"
    />
    <p class="hint" id="number-hint">Any of Stripe’s test numbers. Never a real one.</p>
    <label for="outcome">Or pick what shall happen</label>
    <select id="outcome" name="outcome">
      ${OUTCOMES.map(([name, words]) => html`<option value="${name}">${words}</option>`)}
    </select>
  </fieldset>`;
}

/** The name of the test card that was given; a sentence where it is none. */
export function cardGiven(request: FastifyRequest): { card: string } | { problem: string } {
  const number = field(request, 'number').replaceAll(/[\s-]/g, '');
  const card = number === '' ? testCardOf(`pm_card_${field(request, 'outcome')}`) : testCardOfNumber(number);
  if (card !== undefined) return { card };
  return {
    problem: `${number === '' ? 'Pick an outcome' : 'This is none of Stripe’s test card numbers'}. Try 4242 4242 4242 4242.`,
  };
}
