import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { link } from '../checkout/create.js';
import { defaultConfiguration } from './configuration.js';

type Session = Stripe.BillingPortal.Session;

const ofSubscription = p.hash({ subscription: p.needed(p.text) });
/** https://docs.stripe.com/customer-management/portal-deep-links */
const flowShape = p.hash({
  after_completion: p.hash({
    hosted_confirmation: p.hash({ custom_message: p.text }),
    redirect: p.hash({ return_url: p.needed(link) }),
    type: p.needed(p.oneOf('hosted_confirmation', 'portal_homepage', 'redirect')),
  }),
  subscription_cancel: ofSubscription,
  subscription_update: ofSubscription,
  subscription_update_confirm: p.hash({
    items: p.needed(p.listOf(p.hash({ id: p.needed(p.text), price: p.text, quantity: p.atLeast(1) }))),
    subscription: p.needed(p.text),
  }),
  type: p.needed(
    p.oneOf(
      'customer_update',
      'payment_method_update',
      'subscription_cancel',
      'subscription_update',
      'subscription_update_confirm',
    ),
  ),
});
export const portalSessionShape = {
  configuration: p.text,
  customer: p.needed(p.text),
  flow_data: flowShape,
  locale: p.text,
  return_url: link,
};

export function makePortalSession(context: Context, params: p.Values<typeof portalSessionShape>): Session {
  const customer = find(context, 'customer', params.customer, 'customer');
  const configuration =
    params.configuration === undefined
      ? defaultConfiguration(context)
      : find(context, 'billing_portal_configuration', params.configuration, 'configuration');
  if (!configuration.active)
    throw invalid(`The configuration ${configuration.id} is not active.`, { param: 'configuration' });
  const id = context.ids.next('bps', 24);
  const flow = params.flow_data === undefined ? null : flowOf(context, customer.id, params.flow_data);
  const session = context.store.put('billing_portal_session', {
    id,
    object: 'billing_portal.session',
    after_expiration: null,
    configuration: configuration.id,
    created: context.now,
    customer: customer.id,
    customer_account: null,
    flow,
    livemode: false,
    locale: params.locale ?? null,
    on_behalf_of: null,
    return_url: params.return_url ?? configuration.default_return_url,
    url: `${context.url}/p/session/${id}`,
  });
  context.emit('billing_portal.session.created', session);
  return session;
}

function flowOf(context: Context, customer: string, wish: ReturnType<typeof flowShape.read>): Session['flow'] {
  const { type, subscription_cancel, subscription_update, subscription_update_confirm, after_completion } = wish;
  const details = new Map(Object.entries({ subscription_cancel, subscription_update, subscription_update_confirm }));
  const detail = details.get(type);
  if (details.has(type) && detail === undefined)
    throw invalid(`Missing required param: flow_data[${type}].`, {
      code: 'parameter_missing',
      param: `flow_data[${type}]`,
    });
  if (detail !== undefined) {
    const param = `flow_data[${type}][subscription]`;
    if (idOf(find(context, 'subscription', detail.subscription, param).customer) !== customer)
      throw invalid(`The subscription ${detail.subscription} does not belong to the customer ${customer}.`, { param });
  }
  const confirm = type === 'subscription_update_confirm' ? subscription_update_confirm : undefined;
  return {
    after_completion: {
      hosted_confirmation:
        after_completion?.hosted_confirmation === undefined
          ? null
          : { custom_message: after_completion.hosted_confirmation.custom_message ?? null },
      redirect: after_completion?.redirect ?? null,
      type: after_completion?.type ?? 'portal_homepage',
    },
    customer_update: null,
    subscription_cancel:
      type === 'subscription_cancel' && subscription_cancel ? { retention: null, ...subscription_cancel } : null,
    subscription_pause: null,
    subscription_update: type === 'subscription_update' ? (subscription_update ?? null) : null,
    subscription_update_confirm:
      confirm === undefined
        ? null
        : {
            discounts: null,
            items: confirm.items.map(({ id, price, quantity }) => ({
              id,
              price: price ?? null,
              ...(quantity !== undefined && { quantity }),
            })),
            subscription: confirm.subscription,
          },
    type,
  };
}
