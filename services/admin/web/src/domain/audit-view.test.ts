import assert from 'node:assert/strict';
import { toActorText, toAddressText, toTargetTexts, type Names } from './audit-view.js';

const names: Names = {
  keys: new Map([['k1', 'The intranet']]),
  ids: { i1: 'Contoso', u1: 'Ada', p1: 'plan of 26 people' },
};

describe('the audit trail in words', () => {
  it('an IPv4 address is one, however the socket took it', () => {
    assert.equal(toAddressText('::ffff:192.0.2.7'), '192.0.2.7');
    assert.equal(toAddressText('2001:db8::1'), '2001:db8::1');
    assert.equal(toAddressText('::ffff:0:1'), '::ffff:0:1');
  });

  it('a key and a person are named; who is not known stays an id', () => {
    assert.equal(toActorText('key k1', names), 'key “The intranet”');
    assert.equal(toActorText('key k2', names), 'key k2');
    assert.equal(toActorText('person t/u1', names), 'Ada');
    assert.equal(toActorText('person t/u', names), 'person t/u');
    assert.equal(toActorText('nobody', names), 'nobody known');
  });

  it('an integration, a person, a plan and a key are named, once and with their ids; all else is told as it is', () => {
    const toTexts = (target: string | null, integrationId: string | null) =>
      toTargetTexts(target, integrationId, names).map(({ text, id }) => [text, id]);
    assert.deepEqual(toTexts('integrationId i1, slot b', 'i1'), [
      ['Contoso', 'i1'],
      ['slot b', null],
    ]);
    assert.deepEqual(toTexts('userId u1', 'i1'), [
      ['Contoso', 'i1'],
      ['Ada', 'u1'],
    ]);
    assert.deepEqual(toTexts('planId p1', null), [['plan of 26 people', 'p1']]);
    assert.deepEqual(toTexts('keyId k1', null), [['The intranet', 'k1']]);
    assert.deepEqual(toTexts(null, 'i2'), [['integration i2', 'i2']]);
    assert.deepEqual(toTexts('userId u2', null), [['person u2', 'u2']]);
    assert.deepEqual(toTexts(null, null), []);
  });
});
