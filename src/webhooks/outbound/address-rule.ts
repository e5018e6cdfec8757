import ipaddr from 'ipaddr.js';

/** Where requests on somebody else's behalf may go: public addresses; loopback where development asks for it. */
export interface AddressRule {
  loopback: boolean;
}

/** The address that a name led to, or that a URL names, is not one that may be connected to. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  constructor(host: string, address: string) {
    super(`${host === address ? host : `${host} (${address})`} is not a public address; no connection was made`);
  }
}

/** Everything that is allocated for the public Internet. https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Lies in a public range, yet every virtual machine on Azure finds its host there. https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 */
const AZURE_HOST = '168.63.129.16';

export function isAllowed(address: string, rule: AddressRule): boolean {
  if (!ipaddr.isValid(address)) return false;
  // IPv4 inside IPv6 (::ffff:10.0.0.1) is judged as IPv4.
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'loopback') return rule.loopback;
  if (range !== 'unicast') return false;
  if (parsed instanceof ipaddr.IPv6) return parsed.match(GLOBAL_IPV6);
  return parsed.toString() !== AZURE_HOST;
}
