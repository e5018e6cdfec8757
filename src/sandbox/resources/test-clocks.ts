import { advanceClock, createClock, deleteClock } from '../billing/test-clocks.js';
import { find } from '../find.js';
import { list, paging } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';

const URL = '/v1/test_helpers/test_clocks';

/** https://docs.stripe.com/api/test_clocks */
export const testClocks = [
  route('POST', URL, { customer: p.text, frozen_time: p.needed(p.timestamp), name: p.text }, createClock),
  route('GET', URL, paging, (context, page) => list(context, 'test_clock', page, { url: URL })),
  route('GET', `${URL}/:id`, {}, (context, _params, id) => find(context, 'test_clock', id)),
  route('DELETE', `${URL}/:id`, {}, (context, _params, id) => deleteClock(context, id)),
  route('POST', `${URL}/:id/advance`, { frozen_time: p.needed(p.timestamp) }, (context, { frozen_time }, id) =>
    advanceClock(context, find(context, 'test_clock', id), frozen_time),
  ),
];
