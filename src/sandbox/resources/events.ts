import { EVENTS_KEPT_SECONDS } from '../events.js';
import { missing, ParameterError } from '../errors.js';
import { answer, pagingByTime } from '../list.js';
import { refuseTogether } from '../methods/allowed.js';
import * as p from '../params.js';
import { route } from '../route.js';
import type { State, StoredEvent } from '../state.js';

/** https://docs.stripe.com/api/events/list#list_events-types */
const MOST_TYPES = 20;

/** https://docs.stripe.com/api/events: of the last 30 days, read from the log. */
export function events(file: State) {
  return [
    route(
      'GET',
      '/v1/events',
      { ...pagingByTime, delivery_success: p.flag, type: p.text, types: p.listOf(p.text) },
      (context, { created, delivery_success, ending_before, limit = 10, starting_after, type, types }) => {
        refuseTogether({ type, types });
        refuseTogether({ starting_after, ending_before });
        if (types !== undefined && types.length > MOST_TYPES)
          throw new ParameterError(`Invalid array: at most ${MOST_TYPES} types can be asked for at once`, 'types');
        const asked = typeof created === 'number' ? { gte: created, lte: created } : (created ?? {});
        const { account } = context.store;
        const oldest = context.wire - EVENTS_KEPT_SECONDS;
        const found = file.events({
          types: type === undefined ? (types ?? []) : [type],
          gt: Math.max(oldest - 1, asked.gt ?? -Infinity, (asked.gte ?? -Infinity) - 1),
          lt: Math.min(asked.lt ?? Infinity, (asked.lte ?? Infinity) + 1),
          before: starting_after === undefined ? undefined : seqOf(file, account, starting_after, 'starting_after'),
          after: ending_before === undefined ? undefined : seqOf(file, account, ending_before, 'ending_before'),
          delivered: delivery_success,
          account,
          limit: limit + 1,
        });
        const page = found.slice(0, limit).map(shown);
        return answer(ending_before === undefined ? page : page.toReversed(), found.length > limit, '/v1/events');
      },
    ),
    route('GET', '/v1/events/:id', {}, (context, _params, id) => {
      const event = file.event(id);
      const known = event !== undefined && event.account === context.store.account;
      if (!known || event.created < context.wire - EVENTS_KEPT_SECONDS) throw missing('event', id);
      return shown(event);
    }),
  ];
}

/** With the number of deliveries that are still to come. */
function shown({ body, pending }: StoredEvent): object {
  const event: object = JSON.parse(body);
  return { ...event, pending_webhooks: pending };
}

function seqOf(file: State, account: string, id: string, param: string): number {
  const event = file.event(id);
  if (event === undefined || event.account !== account) throw missing('event', id, param);
  return event.seq;
}
