import { toDaysLeft, type CredentialSlot, type SecretSlot, plural } from '@muster/contracts';

export const isGuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Remarks are no errors: things that somebody will regret. */
export function toSecretRemarks(expiresAt: string, now: Date): string[] {
  const days = toDaysLeft(expiresAt, now);
  return days >= 365
    ? []
    : [
        `The client secret expires in ${plural(days, 'day')}. Choose at least 365 days (12 months) in Entra: sync stops when it expires.`,
      ];
}

type Slots = { secrets: SecretSlot[]; activeSlot: CredentialSlot | null };

/** A new secret takes the slot that is not in use. */
export const toFreeSlot = ({ activeSlot }: Pick<Slots, 'activeSlot'>): 'a' | 'b' => (activeSlot === 'a' ? 'b' : 'a');

/** What was in this slot is replaced; the other one stays. */
export const putSecret = ({ secrets }: Pick<Slots, 'secrets'>, secret: SecretSlot): Pick<Slots, 'secrets'> => ({
  secrets: [...secrets.filter(({ slot }) => slot !== secret.slot), secret],
});

/** From now on this one is used; the former one stays beside it. */
export const useSecret = (slots: Pick<Slots, 'secrets'>, secret: SecretSlot): Slots => ({
  ...putSecret(slots, secret),
  activeSlot: secret.slot,
});
