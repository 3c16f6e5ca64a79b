import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createClientStateVerifier, signClientState, verifyClientState } from './client-state.js';

const [newest, older, foreign] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const subject = {
  integrationId: '11111111-1111-4111-8111-111111111111',
  tenantId: '22222222-2222-4222-8222-222222222222',
};

describe('clientState', () => {
  it('is proved by the key that signed it, within the 128 characters that Graph allows', () => {
    const clientState = signClientState(subject, [newest]);
    assert.ok(clientState.length <= 128);
    const verdict = verifyClientState(clientState, subject.tenantId, [newest, older]);
    assert.deepEqual(verdict, { proved: true, integrationId: subject.integrationId, keyIndex: 0 });
  });

  it('is proved by an older key of the ring, and says so', () => {
    const verdict = verifyClientState(signClientState(subject, [older]), subject.tenantId, [newest, older]);
    assert.deepEqual(verdict, { proved: true, integrationId: subject.integrationId, keyIndex: 1 });
  });

  it('is forged when it was signed with another key, or names another tenant', () => {
    const forged = { proved: false, reason: 'forged' };
    assert.deepEqual(verifyClientState(signClientState(subject, [foreign]), subject.tenantId, [newest]), forged);
    assert.deepEqual(verifyClientState(signClientState(subject, [newest]), subject.integrationId, [newest]), forged);
  });

  it('is forged when any one character was changed', () => {
    const clientState = signClientState(subject, [newest]);
    fc.assert(
      fc.property(fc.nat(clientState.length - 2), fc.constantFrom('a', 'B', '7', '_'), (index, character) => {
        fc.pre(clientState[index] !== character);
        const changed = clientState.slice(0, index) + character + clientState.slice(index + 1);
        assert.equal(verifyClientState(changed, subject.tenantId, [newest]).proved, false);
      }),
    );
  });

  it('is refused without an error whatever stands in its place', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        assert.equal(verifyClientState(value, subject.tenantId, [newest]).proved, false);
      }),
    );
  });

  it('is judged the same by a verifier that remembers, in any order, with room for any number', () => {
    const tenants = [subject.tenantId, subject.integrationId];
    const signed = [newest, older, foreign].flatMap((key) =>
      tenants.map((tenantId) => signClientState({ ...subject, tenantId }, [key])),
    );
    const spoiled = signed.map((text) => `${text.slice(0, -2)}${text.at(-2) === 'A' ? 'B' : 'A'}${text.at(-1) ?? ''}`);
    const given = fc.tuple(fc.constantFrom(...signed, ...spoiled, undefined, 'v1'), fc.constantFrom(...tenants));
    fc.assert(
      fc.property(fc.array(given, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (all, most) => {
        const verify = createClientStateVerifier([newest, older], most);
        for (const [clientState, tenantId] of all)
          assert.deepEqual(verify(clientState, tenantId), verifyClientState(clientState, tenantId, [newest, older]));
      }),
    );
  });

  it('cannot be signed without a key', () => {
    assert.throws(() => signClientState(subject, []), /CLIENT_STATE_KEYS is empty/);
  });
});
