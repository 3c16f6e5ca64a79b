import assert from 'node:assert/strict';
import { toActorText, toAddressText, toTargetText, type Names } from './audit-view.js';

const names: Names = { keys: new Map([['k1', 'The intranet']]), integrations: new Map([['i1', 'Contoso']]) };

describe('the audit trail in words', () => {
  it('an IPv4 address is one, however the socket took it', () => {
    assert.equal(toAddressText('::ffff:192.0.2.7'), '192.0.2.7');
    assert.equal(toAddressText('2001:db8::1'), '2001:db8::1');
    assert.equal(toAddressText('::ffff:0:1'), '::ffff:0:1');
  });

  it('a key is named; who is not known stays an id', () => {
    assert.equal(toActorText('key k1', names), 'key “The intranet”');
    assert.equal(toActorText('key k2', names), 'key k2');
    assert.equal(toActorText('person t/u', names), 'person t/u');
    assert.equal(toActorText('nobody', names), 'nobody known');
  });

  it('an integration is named once, with what else the path holds', () => {
    assert.equal(toTargetText('integrationId i1, slot b', 'i1', names), 'Contoso, slot b');
    assert.equal(toTargetText(null, 'i1', names), 'Contoso');
    assert.equal(toTargetText('integrationId i2', 'i2', names), 'integrationId i2');
    assert.equal(toTargetText(null, 'i2', names), 'i2');
    assert.equal(toTargetText(null, null, names), '');
  });
});
