import type Stripe from 'stripe';
import { connected } from '../connect/accounts.js';
import { personFields, relationshipFlags } from '../connect/person-fields.js';
import { newPerson, told } from '../connect/persons.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, paging } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';

/** Who stands behind a connected account: https://docs.stripe.com/api/persons */
export const persons = [
  route('POST', '/v1/accounts/:id/persons', personFields, (context, params, id) =>
    within(context, id, () => {
      const person = context.store.put('person', told(context, newPerson(context, id), params));
      context.emit('person.created', person);
      return person;
    }),
  ),
  route(
    'GET',
    '/v1/accounts/:id/persons',
    { ...paging, relationship: p.hash(relationshipFlags) },
    (context, { relationship, ...page }, id) =>
      within(context, id, () =>
        list(context, 'person', page, {
          url: `/v1/accounts/${id}/persons`,
          where: (person) => stands(person, relationship ?? {}),
        }),
      ),
  ),
  route('GET', '/v1/accounts/:id/persons/:second', {}, (context, _params, account, id) =>
    within(context, account, () => find(context, 'person', id)),
  ),
  route('POST', '/v1/accounts/:id/persons/:second', personFields, (context, params, account, id) =>
    within(context, account, () => {
      const before = find(context, 'person', id);
      const person = context.store.put('person', told(context, before, params));
      context.emit('person.updated', person, before);
      return person;
    }),
  ),
  route('DELETE', '/v1/accounts/:id/persons/:second', {}, (context, _params, account, id) =>
    within(context, account, (): Stripe.DeletedPerson => {
      const person = find(context, 'person', id);
      refuseToLose(context, person);
      context.store.remove('person', id);
      context.emit('person.deleted', person);
      return { id, object: 'person', deleted: true };
    }),
  ),
];

function within<R>(context: Context, account: string, work: () => R): R {
  return context.store.inAccount(connected(context, account).id, work);
}

type Relationship = p.Values<typeof relationshipFlags>;
function stands({ relationship }: Stripe.Person, asked: Relationship): boolean {
  return Object.entries(asked).every(([name, wanted]) => Reflect.get(relationship ?? {}, name) === wanted);
}

/** https://docs.stripe.com/api/persons/delete */
function refuseToLose(context: Context, person: Stripe.Person): void {
  if (person.relationship?.representative === true)
    throw invalid('The representative of an account cannot be deleted.');
  const executives = context.store
    .rows('person')
    .map(({ value }) => value)
    .filter(({ relationship, verification }) => relationship?.executive && verification?.status === 'verified');
  if (executives.length === 1 && executives[0]?.id === person.id)
    throw invalid('The only verified executive of an account cannot be deleted.');
}
