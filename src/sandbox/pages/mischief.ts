import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from '../api.js';
import type { Core } from '../core.js';
import { StripeError } from '../errors.js';
import { decodeForm, type Form } from '../form.js';
import { html, type Html } from '../html.js';
import { mischiefShape } from '../mischief.js';
import { readParams } from '../params.js';
import { problem, send } from './layout.js';

const LIMITS = [
  ['off', 'None'],
  ['sandbox', '25 a second, as in Stripe’s sandboxes'],
  ['live', '100 a second, as in live mode'],
] as const;

/** Faults to switch on, each drawn from the seed. */
export function mischiefPages(server: FastifyInstance, { core }: Api): void {
  server.get('/mischief', (_request, reply) => show(core, reply, undefined));
  server.post('/mischief', (request, reply) => {
    try {
      const { deliveries, requests, rate_limit, search_lag_seconds } = readParams(mischiefShape, given(request));
      core.mischief.deliveries = deliveries ?? {};
      core.mischief.requests = requests;
      core.mischief.rateLimit = rate_limit ?? 'off';
      core.searchIndex.lag = (search_lag_seconds ?? 0) * 1000;
      return reply.redirect('/mischief', 303);
    } catch (error) {
      if (error instanceof StripeError) return show(core, reply, `${error.body.param ?? ''}: ${error.body.message}`);
      throw error;
    }
  });
  server.post('/mischief/stop', (_request, reply) => {
    core.mischief.stop();
    core.searchIndex.lag = 0;
    return reply.redirect('/mischief', 303);
  });
}

/** Fields that were left empty are not asked for. */
function given(request: FastifyRequest): Form {
  const form = decodeForm(typeof request.body === 'string' ? request.body : '');
  const kept = (fields: Form): Form =>
    new Map(
      [...fields]
        .map(([name, value]) => [name, value instanceof Map ? kept(value) : value] as const)
        .filter(([, value]) => (value instanceof Map ? value.size > 0 : value !== '')),
    );
  return kept(form);
}

function show({ mischief, searchIndex }: Core, reply: FastifyReply, said: string | undefined): FastifyReply {
  const { deliveries, requests, rateLimit } = mischief;
  const lag = searchIndex.lag / 1000;
  const quiet = Object.keys(deliveries).length === 0 && requests === undefined && rateLimit === 'off' && lag === 0;
  const body = html`${problem(said)}
    <p class="${quiet ? 'done' : 'problem'}">
      ${quiet ? 'Everything works as it should.' : 'Some things go wrong on purpose.'}
    </p>
    <form method="post" action="/mischief">
      <fieldset>
        <legend>Deliveries of events</legend>
        ${text('deliveries[drop]', 'Share that is lost (0 to 1)', deliveries.drop)}
        ${text('deliveries[duplicate]', 'Share that comes twice (0 to 1)', deliveries.duplicate)}
        ${text('deliveries[delay_ms]', 'Each comes so many milliseconds late', deliveries.delay_ms)}
        ${text('deliveries[api_version]', 'They say they are of this API version', deliveries.api_version)}
        ${check('deliveries[reorder]', 'The other way round', deliveries.reorder === true)}
      </fieldset>
      <fieldset>
        <legend>Answers to requests</legend>
        ${text('requests[status]', 'Answer with this status (429, 500, 503 …) and do nothing', requests?.status)}
        ${check('requests[cut_before_apply]', 'Cut the connection, nothing done', requests?.cut_before_apply === true)}
        ${check('requests[cut_after_apply]', 'Do it, then cut the connection', requests?.cut_after_apply === true)}
        ${check('requests[timeout_after_apply]', 'Do it, then never answer', requests?.timeout_after_apply === true)}
        ${text('requests[delay_ms]', 'Wait so many milliseconds first', requests?.delay_ms)}
        ${text('requests[rate]', 'Which share of them (0 to 1)', requests?.rate)}
        ${text('requests[times]', 'How many of them', requests?.times)}
        ${text('requests[match]', 'Only those whose “METHOD /path” has this in it', requests?.match)}
      </fieldset>
      <label for="rate_limit">Rate limit</label>
      <select id="rate_limit" name="rate_limit">
        ${LIMITS.map(([value, name]) => (value === rateLimit ? html`<option value="${value}" selected>${name}</option>` : html`<option value="${value}">${name}</option>`))}
      </select>
      ${text('search_lag_seconds', 'Search is so many seconds behind', lag === 0 ? undefined : lag)}
      <p><button class="main">Set</button></p>
    </form>
    <form method="post" action="/mischief/stop"><button>Stop all mischief</button></form>`;
  return send(reply, { title: 'Mischief', within: 'sandbox', status: said === undefined ? 200 : 400, body });
}

function text(name: string, label: string, value: string | number | undefined): Html {
  return html`<label for="${name}">${label}</label><input id="${name}" name="${name}" value="${value ?? ''}" />`;
}

function check(name: string, label: string, on: boolean): Html {
  const box = on
    ? html`<input type="checkbox" id="${name}" name="${name}" value="true" checked />`
    : html`<input type="checkbox" id="${name}" name="${name}" value="true" />`;
  return html`<p>${box} <label class="inline" for="${name}">${label}</label></p>`;
}
