import { Failure, type CredentialSlot, type IntegrationSettings } from '@muster/contracts';
import type { Sealer } from './seal.js';

/** What binds a client secret to its integration and slot, so that it cannot be moved to another. */
export const toSecretContext = (integrationId: string, slot: CredentialSlot): string =>
  `${integrationId}/${slot === 'certificate' ? slot : `secrets.${slot}`}`;
/** The same for the tokens of a delegated consent. */
export const toTokensContext = (integrationId: string): string => `${integrationId}/tokens`;

/** With what an app proves itself; secret. Keep it nowhere. */
export type OpenProof = { clientSecret: string } | { certificate: { thumbprintSha256: string; privateKey: string } };

type Sealed = Pick<IntegrationSettings, 'integrationId' | 'secrets' | 'certificate'>;

/** What one slot holds, opened; null when it is empty. Call it at the moment of use. */
export function openSlot(settings: Sealed, slot: CredentialSlot, sealer: Pick<Sealer, 'open'>): OpenProof | null {
  const open = (sealed: string): string => sealer.open(sealed, toSecretContext(settings.integrationId, slot));
  if (slot === 'certificate') {
    const { certificate } = settings;
    if (!certificate) return null;
    return {
      certificate: { thumbprintSha256: certificate.thumbprintSha256, privateKey: open(certificate.sealedKey) },
    };
  }
  const secret = settings.secrets.find((one) => one.slot === slot);
  return secret ? { clientSecret: open(secret.sealed) } : null;
}

/** The credential in use, opened. Rejects with Failure `seal.no-secret`. */
export function openActiveProof(
  settings: Sealed & Pick<IntegrationSettings, 'activeSlot'>,
  sealer: Pick<Sealer, 'open'>,
): OpenProof {
  const proof = settings.activeSlot === null ? null : openSlot(settings, settings.activeSlot, sealer);
  if (proof) return proof;
  throw new Failure(
    'seal.no-secret',
    'the integration has no client secret or certificate in use; enter one in the setup dialogue',
    { retryable: false, details: { integrationId: settings.integrationId } },
  );
}

/**
 * The same settings with everything sealed by the newest key; null when all of it was already. Rejects with
 * `seal.unknown-key` when the key that sealed something has left the ring.
 */
export function resealSettings(settings: IntegrationSettings, sealer: Sealer): IntegrationSettings | null {
  const { integrationId, certificate } = settings;
  const reseal = (sealed: string, slot: CredentialSlot): string => {
    if (!sealer.isOutdated(sealed)) return sealed;
    const context = toSecretContext(integrationId, slot);
    return sealer.seal(sealer.open(sealed, context), context);
  };
  const secrets = settings.secrets.map((secret) => ({ ...secret, sealed: reseal(secret.sealed, secret.slot) }));
  const sealedKey = certificate && reseal(certificate.sealedKey, 'certificate');
  const same =
    secrets.every(({ sealed }, index) => sealed === settings.secrets[index]?.sealed) &&
    sealedKey === certificate?.sealedKey;
  if (same) return null;
  return { ...settings, secrets, ...(certificate && sealedKey ? { certificate: { ...certificate, sealedKey } } : {}) };
}
