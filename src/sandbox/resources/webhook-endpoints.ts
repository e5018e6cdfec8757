import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, ParameterError } from '../errors.js';
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
const eventType: p.Kind<string> = {
  read(value, name) {
    const given = p.text.read(value, name);
    if (given !== '*' && !/^[a-z_0-9]+(\.[a-z_0-9]+)+$/.test(given))
      throw new ParameterError(`Invalid ${name}: ${given} is no type of event`, name);
    return given;
  },
};
const enabled_events = p.listOf(eventType);
const version: p.Kind<string> = {
  read(value, name) {
    const given = p.text.read(value, name);
    if (!/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(given)) throw new ParameterError(`Invalid ${name}: ${given}`, name);
    return given;
  },
};
/** https://docs.stripe.com/webhooks#register-webhook */
const MOST = 16;

export const webhookEndpoints = [
  route(
    'POST',
    '/v1/webhook_endpoints',
    {
      api_version: version,
      connect: p.flag,
      description: p.note,
      enabled_events: p.needed(enabled_events),
      metadata: p.metadata,
      url: p.needed(url),
    },
    (context, { api_version, connect, description, enabled_events: wanted, metadata, url: target }) => {
      if (wanted.length === 0) throw new ParameterError('Invalid array: it is empty', 'enabled_events');
      if (context.store.rows('webhook_endpoint').length >= MOST)
        throw invalid(`You have reached the maximum of ${MOST} webhook endpoints.`);
      // The secret is shown this once: https://docs.stripe.com/api/webhook_endpoints/object#webhook_endpoint_object-secret
      const endpoint = putEndpoint(context, {
        api_version: api_version ?? null,
        url: target,
        secret: `whsec_${context.ids.letters(32)}`,
        enabled_events: wanted,
        description: description ?? null,
        metadata: p.mergeMetadata({}, metadata),
      });
      const none = { old_secret: null, old_secret_until: 0 };
      if (connect === true) context.store.put('endpoint_fact', { id: endpoint.id, ...none, connect });
      return endpoint;
    },
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

/** A new secret; the old one signs too, for so many seconds: https://docs.stripe.com/webhooks#roll-endpoint-secrets */
export function rollSecret(context: Context, id: string, keep: number): Stripe.WebhookEndpoint {
  const before = find(context, 'webhook_endpoint', id);
  if (keep > 24 * 3_600) throw invalid('The old secret can be kept for at most 24 hours.', { param: 'keep' });
  context.store.put('endpoint_fact', {
    id,
    connect: context.store.get('endpoint_fact', id)?.connect ?? false,
    old_secret: before.secret ?? null,
    old_secret_until: context.now + keep,
  });
  return context.store.put('webhook_endpoint', { ...before, secret: `whsec_${context.ids.letters(32)}` });
}

type EndpointWish = Pick<Stripe.WebhookEndpoint, 'url' | 'enabled_events' | 'description' | 'metadata'> & {
  api_version?: string | null;
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
    api_version: null,
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
