import type { Context } from '../context.js';
import { link } from '../checkout/create.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, paging } from '../list.js';
import * as p from '../params.js';
import { blankConfiguration, featuresAfter, featuresShape } from '../portal/configuration.js';
import { makePortalSession, portalSessionShape } from '../portal/session.js';
import { route } from '../route.js';

const fields = {
  business_profile: p.hash({
    headline: p.note,
    privacy_policy_url: p.clearable(link),
    terms_of_service_url: p.clearable(link),
  }),
  default_return_url: p.clearable(link),
  login_page: p.hash({ enabled: p.needed(p.flag) }),
  metadata: p.metadata,
  name: p.note,
};
const shape = { ...fields, features: p.needed(featuresShape) };
type Params = Partial<p.Values<typeof shape>> & { active?: boolean };

export const billingPortal = [
  route('POST', '/v1/billing_portal/configurations', shape, (context, params) => {
    const configuration = changed(context, blankConfiguration(context), params);
    context.emit('billing_portal.configuration.created', configuration);
    return configuration;
  }),
  route(
    'GET',
    '/v1/billing_portal/configurations',
    { ...paging, active: p.flag, is_default: p.flag },
    (context, { active, is_default, ...page }) =>
      list(context, 'billing_portal_configuration', page, {
        url: '/v1/billing_portal/configurations',
        where: (configuration) =>
          (active === undefined || configuration.active === active) &&
          (is_default === undefined || configuration.is_default === is_default),
      }),
  ),
  route('GET', '/v1/billing_portal/configurations/:id', {}, (context, _params, id) =>
    find(context, 'billing_portal_configuration', id),
  ),
  route(
    'POST',
    '/v1/billing_portal/configurations/:id',
    { ...fields, active: p.flag, features: featuresShape },
    (context, params, id) => {
      const before = find(context, 'billing_portal_configuration', id);
      const configuration = changed(context, before, params);
      context.emit('billing_portal.configuration.updated', configuration, before);
      return configuration;
    },
  ),
  route('POST', '/v1/billing_portal/sessions', portalSessionShape, makePortalSession),
];

function changed(
  context: Context,
  before: ReturnType<typeof blankConfiguration>,
  { business_profile, features, login_page, metadata, ...plain }: Params,
) {
  if (login_page?.enabled === true)
    throw invalid('This sandbox has no login page of the portal: make sessions.', { param: 'login_page[enabled]' });
  return context.store.put('billing_portal_configuration', {
    ...before,
    ...plain,
    business_profile: { ...before.business_profile, ...business_profile },
    features: features === undefined ? before.features : featuresAfter(context, before.features, features),
    metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
    updated: context.now,
  });
}
