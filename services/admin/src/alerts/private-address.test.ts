import assert from 'node:assert/strict';
import { isPrivateAddress } from './private-address.js';

describe('addresses that the webhook of alerts must not reach', () => {
  it('private, local, shared and special ones, also inside IPv6', () => {
    for (const address of [
      ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
      ...['255.255.255.255', '224.0.0.1', '::1', '::', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1'],
      ...['64:ff9b::a00:1', '2002:7f00:1::', '2001:db8::1', 'no address', ''],
    ])
      assert.equal(isPrivateAddress(address), true, address);
  });

  it('public ones may be reached', () => {
    for (const address of ['1.1.1.1', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '2a00:1450:4001::1'])
      assert.equal(isPrivateAddress(address), false, address);
  });
});
