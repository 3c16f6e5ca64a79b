import type { DirectoryUser, IntegrationSettings } from '@muster/contracts';

/** How many people of each kind are shown by name. */
export const SAMPLE = 20;

export type PreviewPerson = Pick<DirectoryUser, 'userId' | 'displayName' | 'userPrincipalName' | 'userType'> & {
  disabled: boolean;
};
export type ScopeCount = {
  inScope: number;
  guests: number;
  disabled: number;
  gain: { count: number; sample: PreviewPerson[] };
  /** Who is in scope today and would no longer be; names are read afterwards. */
  lose: { count: number; sampleIds: string[] };
};

const isGuest = ({ userType }: Pick<DirectoryUser, 'userType'>): boolean => userType?.toLowerCase() === 'guest';

export const toPreviewPerson = (person: DirectoryUser): PreviewPerson => ({
  userId: person.userId,
  displayName: person.displayName,
  userPrincipalName: person.userPrincipalName,
  userType: person.userType,
  disabled: person.accountEnabled === false,
});

/** Of whom no document is kept. */
export const toNamelessPerson = (userId: string): PreviewPerson => ({
  ...{ userId, displayName: null, userPrincipalName: null, userType: null, disabled: false },
});

/** Disabled people are never in Microsoft's MFA report. */
export const isInReport = ({ accountEnabled }: Pick<DirectoryUser, 'accountEnabled'>): boolean =>
  accountEnabled !== false;

/** As the projector does: a group says by itself which guests are in it. */
const isWithoutGuests = ({ groupId, includeGuests }: Pick<Wanted, 'groupId' | 'includeGuests'>): boolean =>
  groupId === null && !includeGuests;

/** Compares who would be in scope, as they stream by, with who is (`current`, ids). */
export function createScopeCount(
  current: ReadonlySet<string>,
  wanted: Pick<IntegrationSettings, 'groupId' | 'includeGuests'>,
) {
  const stays = new Set<string>();
  const gained = new Set<string>();
  const count = { guests: 0, disabled: 0 };
  const sample: PreviewPerson[] = [];
  return {
    /** The same person may come twice, on any page. */
    add: (person: DirectoryUser): void => {
      const { userId } = person;
      if ((isGuest(person) && isWithoutGuests(wanted)) || stays.has(userId) || gained.has(userId)) return;
      if (isGuest(person)) count.guests += 1;
      if (person.accountEnabled === false) count.disabled += 1;
      if (current.has(userId)) {
        stays.add(userId);
        return;
      }
      gained.add(userId);
      if (sample.length < SAMPLE) sample.push(toPreviewPerson(person));
    },
    result: (): ScopeCount => {
      const lost = [...current].filter((userId) => !stays.has(userId));
      return {
        ...{ inScope: stays.size + gained.size, ...count },
        gain: { count: gained.size, sample },
        lose: { count: lost.length, sampleIds: lost.slice(0, SAMPLE) },
      };
    },
  };
}

type Wanted = Pick<IntegrationSettings, 'features' | 'groupId' | 'includeGuests'>;

const toReportNote = ({ groupId }: Pick<Wanted, 'groupId'>): string =>
  groupId === null
    ? 'MFA verification alone covers everyone whom Microsoft’s report names. Nobody is read by name, and signing in needs User Sync.'
    : 'MFA verification alone covers the people of the group, as far as Microsoft’s report names them. Signing in needs User Sync.';

/** In words, what else the change means. */
export function toPreviewNotes(before: Wanted, wanted: Wanted, { firstSync }: { firstSync: boolean }): string[] {
  const notes: string[] = [];
  const { userSync } = wanted.features;
  if (!userSync) notes.push(toReportNote(wanted));
  if (userSync && firstSync) notes.push('Nothing was synced yet: everyone in scope would be added.');
  if (userSync && wanted.groupId === null) notes.push('Without a group everyone of the tenant is in scope.');
  if (userSync && isWithoutGuests(wanted)) notes.push('Guests stay outside.');
  if (before.features.userSync && !userSync)
    notes.push(
      'User sync would be turned off: people are no longer kept up to date, and nobody signs in here any more.',
    );
  if (before.features.mfaVerification && !wanted.features.mfaVerification)
    notes.push('MFA verification would be turned off: MFA states grow old.');
  if (!before.features.mfaVerification && wanted.features.mfaVerification)
    notes.push('MFA verification would be turned on: the report is read for everyone in scope.');
  return notes;
}
