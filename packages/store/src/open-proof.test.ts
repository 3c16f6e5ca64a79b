import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { isFailure, type IntegrationSettings } from '@muster/contracts';
import { openActiveProof, openSlot, resealSettings, toSecretContext } from './open-proof.js';
import { createSealer, type Sealer } from './seal.js';

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const integrationId = randomUUID();
const at = '2026-01-01T00:00:00.000Z';

function sealedSettings(sealer: Sealer): IntegrationSettings {
  const seal = (text: string, slot: 'a' | 'b' | 'certificate') =>
    sealer.seal(text, toSecretContext(integrationId, slot));
  const secret = (slot: 'a' | 'b') => ({
    ...{ slot, sealed: seal(`secret ${slot}`, slot), hint: '', expiresAt: at, addedAt: at },
  });
  return {
    ...{ integrationId, name: 'A', tenantId: 't', clientId: 'c', cloud: 'global', groupId: null, includeGuests: true },
    ...{ features: { userSync: true, mfaVerification: true }, consent: 'application', state: 'active', revision: 1 },
    ...{ createdAt: at, updatedAt: at, startedAt: at },
    secrets: [secret('a'), secret('b')],
    certificate: {
      ...{ thumbprintSha256: 'ab'.repeat(32), sealedKey: seal('key', 'certificate'), expiresAt: at, addedAt: at },
    },
    activeSlot: 'b',
  };
}

describe('proofs of an app', () => {
  it('are opened by slot; the one in use is the one that counts', () => {
    const sealer = createSealer([newKey]);
    const settings = sealedSettings(sealer);
    assert.deepEqual(openActiveProof(settings, sealer), { clientSecret: 'secret b' });
    assert.deepEqual(openSlot(settings, 'certificate', sealer), {
      certificate: { thumbprintSha256: 'ab'.repeat(32), privateKey: 'key' },
    });
    assert.equal(openSlot({ ...settings, certificate: null }, 'certificate', sealer), null);
  });

  it('are bound to their slot: one that was moved does not open', () => {
    const sealer = createSealer([newKey]);
    const { secrets, ...settings } = sealedSettings(sealer);
    const moved = secrets.map((secret) => ({ ...secret, slot: secret.slot === 'a' ? ('b' as const) : ('a' as const) }));
    assert.throws(
      () => openSlot({ ...settings, secrets: moved }, 'a', sealer),
      (error) => isFailure(error) && error.code === 'seal.broken',
    );
  });

  it('are sealed anew by the newest key, all of them, once', () => {
    const rotated = createSealer([newKey, oldKey]);
    const after = resealSettings(sealedSettings(createSealer([oldKey])), rotated);
    assert.ok(after);
    assert.equal(resealSettings(after, rotated), null);
    const onlyNew = createSealer([newKey]);
    assert.deepEqual(
      (['a', 'b', 'certificate'] as const).map((slot) => openSlot(after, slot, onlyNew)),
      [
        { clientSecret: 'secret a' },
        { clientSecret: 'secret b' },
        { certificate: { thumbprintSha256: 'ab'.repeat(32), privateKey: 'key' } },
      ],
    );
  });

  it('say so when none is in use', () => {
    const sealer = createSealer([newKey]);
    assert.throws(
      () => openActiveProof({ ...sealedSettings(sealer), activeSlot: null }, sealer),
      (error) => isFailure(error) && error.code === 'seal.no-secret',
    );
  });
});
