import type { CertificateSlot, IntegrationSettings, SecretSlot } from '@muster/contracts';
import { toSecretContext, type Sealer } from '@muster/store';
import { readCertificate, type TypedCertificate } from './read-certificate.js';

export type TypedSecret = { clientSecret: string; secretExpiresAt: string };

/** A typed secret as it is kept: sealed, with what people need to tell it apart. */
export const toSecretSlot = (
  { integrationId }: Pick<IntegrationSettings, 'integrationId'>,
  slot: SecretSlot['slot'],
  { typed, sealer, now }: { typed: TypedSecret; sealer: Sealer; now: Date },
): SecretSlot => ({
  slot,
  sealed: sealer.seal(typed.clientSecret, toSecretContext(integrationId, slot)),
  hint: typed.clientSecret.slice(-4),
  expiresAt: new Date(typed.secretExpiresAt).toISOString(),
  addedAt: now.toISOString(),
});

/** A typed certificate as it is kept. Throws a Problem that names what of it is not usable. */
export function toCertificateSlot(
  { integrationId }: Pick<IntegrationSettings, 'integrationId'>,
  { typed, sealer, now }: { typed: TypedCertificate; sealer: Sealer; now: Date },
): CertificateSlot {
  const { thumbprintSha256, privateKey, expiresAt } = readCertificate(typed, now);
  const sealedKey = sealer.seal(privateKey, toSecretContext(integrationId, 'certificate'));
  return { thumbprintSha256, sealedKey, expiresAt, addedAt: now.toISOString() };
}
