import type { CredentialSlot, IntegrationSettings } from './integration-settings.js';
import { plural } from './plural.js';

const DAY = 86_400_000;

/** One of up to three credentials of an app, without what is secret. */
export type Credential = { slot: CredentialSlot; hint: string; expiresAt: string; addedAt: string };

type Slots = Pick<IntegrationSettings, 'secrets' | 'certificate'>;

/** `hint`: the last four characters of a secret, or the first eight of a certificate's thumbprint. */
export function listCredentials({ secrets, certificate }: Slots): Credential[] {
  const typed = secrets.map(({ slot, hint, expiresAt, addedAt }) => ({ slot, hint, expiresAt, addedAt }));
  if (!certificate) return typed;
  const { thumbprintSha256, expiresAt, addedAt } = certificate;
  return [...typed, { slot: 'certificate', hint: thumbprintSha256.slice(0, 8), expiresAt, addedAt }];
}

export const toActiveCredential = (settings: Slots & Pick<IntegrationSettings, 'activeSlot'>): Credential | null =>
  listCredentials(settings).find(({ slot }) => slot === settings.activeSlot) ?? null;

/** Days before the end at which people are warned. */
export const WARN_DAYS = [60, 30, 14, 7, 1] as const;

/** Whole days until then; negative when it has passed. */
export const toDaysLeft = (expiresAt: string, now: Date): number =>
  Math.floor((Date.parse(expiresAt) - now.getTime()) / DAY);

export type ExpiryWarning = {
  level: 'problem' | 'remark';
  /** The warning that is due: the closest of WARN_DAYS, 0 = expired. A new one is worth a new message. */
  due: (typeof WARN_DAYS)[number] | 0;
  text: string;
  cure: string;
};

/** What is to be said of the credential in use; null while its end is far. */
export function toExpiryWarning(
  credential: Pick<Credential, 'slot' | 'expiresAt'> | null,
  now: Date,
): ExpiryWarning | null {
  if (!credential) {
    const text = 'There is no client secret and no certificate in use.';
    return { level: 'problem', due: 0, text, cure: 'Enter a client secret.' };
  }
  const name = credential.slot === 'certificate' ? 'certificate' : 'client secret';
  const cure = `Make a new ${name} in Entra, enter it beside this one, test it and switch to it; nobody is lost.`;
  const days = toDaysLeft(credential.expiresAt, now);
  if (days < 0) return { level: 'problem', due: 0, text: `The ${name} has expired: nothing can be read.`, cure };
  const due = WARN_DAYS.findLast((limit) => days <= limit);
  if (due === undefined) return null;
  const when = days === 0 ? 'within a day' : `in ${plural(days, 'day')}`;
  return { level: due <= 7 ? 'problem' : 'remark', due, text: `The ${name} expires ${when}.`, cure };
}
