/**
 * What the cardholder has to do for 3-D Secure. With no address to come back to, it is Stripe.js that shows the bank's page:
 * https://docs.stripe.com/payments/3d-secure/authentication-flow. What it is told is not documented; here it is where to go.
 */
export function authenticationStep(url: string, returnUrl: string | null) {
  return returnUrl === null
    ? { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url } }
    : { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } };
}

/** How an authentication went that its holder passed: https://docs.stripe.com/api/charges/object#charge_object-payment_method_details-card-three_d_secure */
export const AUTHENTICATED = {
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  result: 'authenticated',
  result_reason: null,
  transaction_id: null,
  version: '2.2.0',
};
