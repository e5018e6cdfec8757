import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { wait, type Attempt, type Confirmation } from '../payments/attempt.js';

/** The customer goes to a page, or scans a code, to approve: https://docs.stripe.com/payments/bank-redirects */
export function sendToPage(context: Context, intent: Stripe.PaymentIntent, how: Confirmation): Attempt {
  const { type } = how.method;
  const url = `${context.url}/_sandbox/payment_intents/${intent.id}/approve`;
  if (type === 'wechat_pay')
    return wait(context, intent, { type: 'wechat_pay_display_qr_code', wechat_pay_display_qr_code: code(url) });
  if (type === 'paynow') {
    const { image_data_url: _unsaid, ...shown } = code(url);
    return wait(context, intent, { type: 'paynow_display_qr_code', paynow_display_qr_code: shown });
  }
  if (how.returnUrl === undefined)
    throw invalid(
      `A return_url must be specified to confirm this PaymentIntent: ${type} sends the customer to a page.`,
      {
        code: 'payment_intent_redirect_confirmation_without_return_url',
        param: 'return_url',
      },
    );
  if (type === 'alipay')
    return wait(context, intent, {
      type: 'alipay_handle_redirect',
      alipay_handle_redirect: { native_data: null, native_url: null, return_url: how.returnUrl, url },
    });
  return wait(context, intent, { type: 'redirect_to_url', redirect_to_url: { return_url: how.returnUrl, url } });
}

/** The code holds the page's address; the picture of it is the page itself, for the sandbox draws none. */
function code(url: string) {
  return { data: url, hosted_instructions_url: url, image_data_url: url, image_url_png: url, image_url_svg: url };
}

/** Where a customer that approved, or did not, is sent back to: https://docs.stripe.com/payments/ideal/accept-a-payment#web-handle-redirect */
export function returnAddress(
  kind: 'payment_intent' | 'setup_intent',
  intent: { id: string; client_secret: string | null; next_action: object | null },
  returnUrl: string,
  succeeded: boolean,
): string | undefined {
  if (!URL.canParse(returnUrl)) return undefined;
  const url = new URL(returnUrl);
  // A page of the sandbox leads nowhere but to the web.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  url.searchParams.set(kind, intent.id);
  url.searchParams.set(`${kind}_client_secret`, intent.client_secret ?? '');
  url.searchParams.set('redirect_status', succeeded ? 'succeeded' : 'failed');
  return url.href;
}
