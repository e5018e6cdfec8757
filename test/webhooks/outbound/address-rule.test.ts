import { describe, expect, test } from '@jest/globals';
import { isAllowed } from '../../../src/webhooks/outbound/address-rule.js';

const strict = { loopback: false };
const development = { loopback: true };

const PUBLIC = ['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'];
const LOOPBACK = ['127.0.0.1', '127.255.0.3', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1'];
const FORBIDDEN = [
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '168.63.129.16',
  '192.0.0.192',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:0:10.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b:1::1',
  '2002:a00:1::',
  '2001:0:a00:1::',
  '2001:db8::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '4000::1',
  'no address',
  '',
];

describe('the rule of addresses', () => {
  test.each(PUBLIC)('%s may be connected to', (address) => {
    expect(isAllowed(address, strict)).toBe(true);
  });

  test.each(LOOPBACK)('%s only where loopback is allowed', (address) => {
    expect(isAllowed(address, strict)).toBe(false);
    expect(isAllowed(address, development)).toBe(true);
  });

  test.each(FORBIDDEN)('%p never', (address) => {
    expect(isAllowed(address, strict)).toBe(false);
    expect(isAllowed(address, development)).toBe(false);
  });
});
