import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { AddressRefused, isAllowed } from './address-rule.js';
import type { AddressRule } from './address-rule.js';

/**
 * Resolves a name for a socket, which connects to the very addresses that were checked here: a name that answers
 * differently the second time (DNS rebinding) gains nothing. One forbidden address among several refuses the name.
 */
export function checkedLookup(rule: AddressRule, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const fault = error ?? refusal(hostname, addresses, rule);
      const [first] = addresses ?? [];
      if (fault !== null || first === undefined) callback(fault ?? new Error(`${hostname} has no address`), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** A socket does not look up what is an address already, so that is checked apart. @throws AddressRefused */
export function refuseLiteral(url: URL, rule: AddressRule): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && !isAllowed(host, rule)) throw new AddressRefused(url.hostname, url.hostname);
}

function refusal(hostname: string, addresses: LookupAddress[], rule: AddressRule): Error | null {
  const refused = addresses.find(({ address }) => !isAllowed(address, rule));
  return refused ? new AddressRefused(hostname, refused.address) : null;
}
