import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';

/** https://docs.stripe.com/api/setup_attempts */
export const setupAttempts = [
  route(
    'GET',
    '/v1/setup_attempts',
    { ...pagingByTime, setup_intent: p.needed(p.text) },
    (context, { created, setup_intent, ...page }) => {
      const { id } = find(context, 'setup_intent', setup_intent, 'setup_intent');
      return list(context, 'setup_attempt', page, {
        url: '/v1/setup_attempts',
        by: ['setup_intent', id],
        where: (attempt) => p.inRange(attempt.created, created),
      });
    },
  ),
];
