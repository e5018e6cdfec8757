import { find } from '../find.js';
import { route } from '../route.js';

export const mandates = [route('GET', '/v1/mandates/:id', {}, (context, _params, id) => find(context, 'mandate', id))];
