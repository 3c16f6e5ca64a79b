export type Slot = 'a' | 'b' | 'certificate';
export type Credential = {
  slot: Slot;
  hint: string;
  expiresAt: string;
  addedAt: string;
  daysLeft: number;
  inUse: boolean;
  warning: { level: 'problem' | 'remark'; text: string; cure: string } | null;
};
/** `revision`: of the whole integration, for If-Match. */
export type Credentials = { items: Credential[]; freeSlot: 'a' | 'b'; revision: number };

/** The same ones are kept and the same one is in use, whatever else of the integration was saved. */
export const isSameCredentials = (one: Credentials, other: Credentials): boolean => toText(one) === toText(other);

const toText = ({ items }: Credentials): string =>
  items
    .map(({ slot, hint, expiresAt, addedAt, inUse }) => [slot, hint, expiresAt, addedAt, inUse].join(' '))
    .toSorted()
    .join('\n');
