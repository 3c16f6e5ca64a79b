import assert from 'node:assert/strict';
import type { SecretSlot } from '@muster/contracts';
import { isGuid, putSecret, toFreeSlot, toSecretRemarks, useSecret } from './secret.js';

const secret = (slot: 'a' | 'b', hint: string): SecretSlot => ({ slot, sealed: '', hint, expiresAt: '', addedAt: '' });
const now = new Date('2026-01-01T00:00:00Z');

describe('client secrets', () => {
  it('new ones take the slots in turn; the one before stays', () => {
    let slots = useSecret({ secrets: [] }, secret(toFreeSlot({ activeSlot: null }), '1'));
    slots = useSecret(slots, secret(toFreeSlot(slots), '2'));
    slots = useSecret(slots, secret(toFreeSlot(slots), '3'));
    assert.deepEqual(
      slots.secrets.map(({ slot, hint }) => slot + hint),
      ['b2', 'a3'],
    );
    assert.equal(slots.activeSlot, 'a');
  });

  it('one that is put beside the other replaces what was in its slot only', () => {
    const { secrets } = putSecret({ secrets: [secret('a', '1'), secret('b', '2')] }, secret('b', '3'));
    assert.deepEqual(
      secrets.map(({ slot, hint }) => slot + hint),
      ['a1', 'b3'],
    );
  });

  it('under 365 days is remarked on, from there on not', () => {
    assert.match(toSecretRemarks('2026-12-31T00:00:00Z', now)[0] ?? '', /expires in 364 days/);
    assert.deepEqual(toSecretRemarks('2027-01-01T00:00:00Z', now), []);
  });

  it('a GUID is told from a secret value', () => {
    assert.equal(isGuid('44444444-4444-4444-8444-ABCDEFABCDEF'), true);
    assert.equal(isGuid('44444444-4444-4444-8444-44444444444~'), false);
  });
});
