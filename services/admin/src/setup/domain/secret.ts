import type { SecretSlot } from '@muster/contracts';

const DAY = 86_400_000;

export const isGuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Whole days until then; negative when it has passed. */
export const toDaysLeft = (expiresAt: string, now: Date): number =>
  Math.floor((Date.parse(expiresAt) - now.getTime()) / DAY);

/** Remarks are no errors: things that somebody will regret. */
export function toSecretRemarks(expiresAt: string, now: Date): string[] {
  const days = toDaysLeft(expiresAt, now);
  return days >= 365
    ? []
    : [
        `The client secret expires in ${days} days. Choose at least 365 days (12 months) in Entra: sync stops when it expires.`,
      ];
}

type Slots = { secrets: SecretSlot[]; activeSlot: 'a' | 'b' | null };

/** A new secret takes the slot that is not in use. */
export const toFreeSlot = ({ activeSlot }: Pick<Slots, 'activeSlot'>): 'a' | 'b' => (activeSlot === 'a' ? 'b' : 'a');

/** From now on this one is used; the former one stays beside it. */
export const useSecret = ({ secrets }: Pick<Slots, 'secrets'>, secret: SecretSlot): Slots => ({
  secrets: [...secrets.filter(({ slot }) => slot !== secret.slot), secret],
  activeSlot: secret.slot,
});

export const toActiveSecret = ({ secrets, activeSlot }: Slots): SecretSlot | null =>
  secrets.find(({ slot }) => slot === activeSlot) ?? null;
