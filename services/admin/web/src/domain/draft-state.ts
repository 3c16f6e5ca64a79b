import type { TenantAdmins } from './api-types.js';
import type { SetupValues } from './setup-values.js';

/** What is typed and not saved, and the revision that it was typed upon; null: of nothing that is saved yet. */
export type DraftState = { revision: number | null; changes: Partial<SetupValues> };

/** The first key fixes the revision: whoever saves after it must be seen before this draft is saved over it. */
export const changeDraft = (
  before: DraftState | undefined,
  changes: Partial<SetupValues>,
  revision: number | null,
): DraftState => ({
  revision: before ? before.revision : revision,
  changes: { ...before?.changes, ...changes },
});

/** Somebody saved since the typing began. */
export const isOutdated = (draft: DraftState | undefined, revision: number | null): boolean =>
  draft !== undefined && draft.revision !== null && revision !== null && draft.revision !== revision;

/** These values were saved: what else is typed stays, also what was typed while they were on their way; null: nothing is. */
export function settleDraft(draft: DraftState, sent: Partial<SetupValues>, revision: number): DraftState | null {
  const isSaved = ([field, value]: [string, unknown]): boolean =>
    field in sent && sent[field as keyof SetupValues] === value;
  const left = Object.entries(draft.changes).filter((entry) => !isSaved(entry));
  return left.length === 0 ? null : { revision, changes: Object.fromEntries(left) };
}

/** Administrators as they are typed (`groupId` in the field, maybe empty), and what was read when the typing began. */
export type AdminsDraft = { people: string[]; groupId: string; base: TenantAdmins };

/** What a draft says, as it is saved. */
export const toAdmins = ({ people, groupId }: Pick<AdminsDraft, 'people' | 'groupId'>): TenantAdmins => ({
  people,
  groupId: groupId.trim() === '' ? null : groupId.trim().toLowerCase(),
});

/** `saved` was saved: what was typed while it was on its way stays, and is typed upon that; null: nothing was. */
export const settleAdmins = (draft: AdminsDraft, saved: TenantAdmins): AdminsDraft | null =>
  isSameAdmins(toAdmins(draft), saved) ? null : { ...draft, base: saved };

/** What was added and taken off here, done to what somebody else saved meanwhile. */
export const mergeAdmins = (base: TenantAdmins, mine: TenantAdmins, theirs: TenantAdmins): TenantAdmins => {
  const added = mine.people.filter((person) => !base.people.includes(person) && !theirs.people.includes(person));
  const isTakenOff = (person: string): boolean => base.people.includes(person) && !mine.people.includes(person);
  return {
    people: [...theirs.people.filter((person) => !isTakenOff(person)), ...added],
    groupId: mine.groupId === base.groupId ? theirs.groupId : mine.groupId,
  };
};

/** The same people in any order, and the same group. */
export const isSameAdmins = (one: TenantAdmins, other: TenantAdmins): boolean =>
  one.groupId === other.groupId && one.people.toSorted().join(' ') === other.people.toSorted().join(' ');
