import type { IntegrationSettings, SecretSlot } from '@muster/contracts';
import { toSecretContext, type Sealer } from '@muster/store';

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
