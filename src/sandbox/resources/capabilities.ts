import { changeAccount, connected } from '../connect/accounts.js';
import { capabilitiesOf, capabilityOf, grant } from '../connect/capabilities.js';
import { isCapability, type CapabilityName } from '../connect/capability-names.js';
import { notFound } from '../find.js';
import { answer } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';

/** What a connected account may do: https://docs.stripe.com/api/capabilities */
export const capabilities = [
  route('GET', '/v1/accounts/:id/capabilities', {}, (context, _params, account) => {
    const { id } = connected(context, account);
    return answer(capabilitiesOf(context, id).toReversed(), false, `/v1/accounts/${id}/capabilities`);
  }),
  route('GET', '/v1/accounts/:id/capabilities/:second', {}, (context, _params, account, name) =>
    capabilityOf(context, connected(context, account).id, known(name)),
  ),
  route(
    'POST',
    '/v1/accounts/:id/capabilities/:second',
    { requested: p.flag },
    (context, { requested }, account, name) => {
      const before = connected(context, account);
      const wish = requested === undefined ? {} : { requested };
      changeAccount(context, before, grant(context, before, { [known(name)]: wish }));
      return capabilityOf(context, before.id, known(name));
    },
  ),
];

function known(name: string): CapabilityName {
  if (isCapability(name)) return name;
  throw notFound('capability', name);
}
