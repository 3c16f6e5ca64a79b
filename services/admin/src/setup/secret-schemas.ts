import { z } from 'zod';
import {
  credentialSlot,
  listCredentials,
  toDaysLeft,
  toExpiryWarning,
  type IntegrationSettings,
} from '@muster/contracts';

export const credentialView = z
  .object({
    slot: credentialSlot,
    hint: z.string().describe('Last four characters of a secret, first eight of a certificate’s SHA-256 thumbprint.'),
    expiresAt: z.string(),
    addedAt: z.string(),
    daysLeft: z.int().describe('Whole days; negative when it has expired.'),
    inUse: z.boolean(),
    warning: z.object({ level: z.enum(['problem', 'remark']), text: z.string(), cure: z.string() }).nullable(),
  })
  .meta({ id: 'Credential' });

export const credentialsView = z
  .object({
    items: z.array(credentialView),
    freeSlot: z.enum(['a', 'b']).describe('Where a new secret goes, beside the one in use.'),
    revision: z.int(),
  })
  .meta({ id: 'Credentials' });

/** Field by field: what is sealed stays here. */
export function toCredentialsView(settings: IntegrationSettings, now: Date): z.infer<typeof credentialsView> {
  const items = listCredentials(settings).map((credential) => {
    const warning = toExpiryWarning(credential, now);
    return {
      ...credential,
      daysLeft: toDaysLeft(credential.expiresAt, now),
      inUse: credential.slot === settings.activeSlot,
      warning: warning && { level: warning.level, text: warning.text, cure: warning.cure },
    };
  });
  return { items, freeSlot: settings.activeSlot === 'a' ? 'b' : 'a', revision: settings.revision };
}
