import type Stripe from 'stripe';
import { API_VERSION } from '../api-version.js';
import type { Context } from '../context.js';
import { ParameterError } from '../errors.js';
import { find } from '../find.js';
import { answer, list, paging } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';

const url: p.Kind<string> = {
  read(value, name) {
    const given = p.text.read(value, name);
    if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
      throw new ParameterError(
        'Invalid URL: An explicit scheme (such as https) must be provided.',
        name,
        'url_invalid',
      );
    return given;
  },
};
const enabled_events = p.listOf(p.text);

export const webhookEndpoints = [
  route(
    'POST',
    '/v1/webhook_endpoints',
    {
      api_version: p.oneOf(API_VERSION),
      connect: p.flag,
      description: p.note,
      enabled_events: p.needed(enabled_events),
      metadata: p.metadata,
      url: p.needed(url),
    },
    (context, { description, enabled_events: wanted, metadata, url: target }) =>
      // The secret is shown this once: https://docs.stripe.com/api/webhook_endpoints/object#webhook_endpoint_object-secret
      putEndpoint(context, {
        url: target,
        secret: `whsec_${context.ids.letters(32)}`,
        enabled_events: wanted,
        description: description ?? null,
        metadata: p.mergeMetadata({}, metadata),
      }),
  ),
  route('GET', '/v1/webhook_endpoints', paging, (context, page) => {
    const { data, has_more, url: path } = list(context, 'webhook_endpoint', page, { url: '/v1/webhook_endpoints' });
    return answer(data.map(withoutSecret), has_more, path);
  }),
  route('GET', '/v1/webhook_endpoints/:id', {}, (context, _params, id) =>
    withoutSecret(find(context, 'webhook_endpoint', id)),
  ),
  route(
    'POST',
    '/v1/webhook_endpoints/:id',
    { description: p.note, disabled: p.flag, enabled_events, metadata: p.metadata, url },
    (context, { disabled, metadata, ...params }, id) => {
      const before = find(context, 'webhook_endpoint', id);
      return withoutSecret(
        context.store.put('webhook_endpoint', {
          ...before,
          ...params,
          metadata: p.mergeMetadata(before.metadata, metadata),
          status: disabled === undefined ? before.status : disabled ? 'disabled' : 'enabled',
        }),
      );
    },
  ),
  route('DELETE', '/v1/webhook_endpoints/:id', {}, (context, _params, id): Stripe.DeletedWebhookEndpoint => {
    context.store.remove('webhook_endpoint', find(context, 'webhook_endpoint', id).id);
    return { id, object: 'webhook_endpoint', deleted: true };
  }),
];

type EndpointWish = Pick<Stripe.WebhookEndpoint, 'url' | 'enabled_events' | 'description' | 'metadata'> & {
  secret: string;
};

/** The endpoint that the sandbox was started with: there is one, with the latest url and secret. */
export function ensureEndpoint(context: Context, webhook: { url: string; secret: string }): void {
  const mark = { 'good-standing': 'started-with' };
  const known = context.store
    .rows('webhook_endpoint')
    .map((row) => row.value)
    .find((endpoint) => endpoint.metadata['good-standing'] === mark['good-standing']);
  if (known === undefined)
    putEndpoint(context, { ...webhook, enabled_events: ['*'], description: 'Made at the start', metadata: mark });
  else if (known.url !== webhook.url || known.secret !== webhook.secret)
    context.store.put('webhook_endpoint', { ...known, ...webhook, status: 'enabled' });
}

function putEndpoint(context: Context, wish: EndpointWish): Stripe.WebhookEndpoint {
  return context.store.put('webhook_endpoint', {
    id: context.ids.next('we', 24),
    object: 'webhook_endpoint',
    api_version: API_VERSION,
    application: null,
    created: context.now,
    livemode: false,
    status: 'enabled',
    ...wish,
  });
}

function withoutSecret({ secret: _secret, ...endpoint }: Stripe.WebhookEndpoint): Stripe.WebhookEndpoint {
  return endpoint;
}
