import {
  isInScopeStatus,
  type DirectoryChange,
  type IntegrationSettings,
  type MfaDocument,
  type PersonRead,
  type UserDocument,
} from '@muster/contracts';
import { toAge } from './verdict.js';

export type ExplainFacts = {
  settings: Pick<IntegrationSettings, 'state' | 'groupId' | 'includeGuests' | 'features'>;
  document: UserDocument | null;
  mfa: MfaDocument | null;
  /** When the last complete read of the MFA report began. */
  reportReadAt: string | null;
  /** The last read of this person that somebody asked for. */
  read: PersonRead | null;
  /** By group id, of the chosen group's tree. */
  groupNames: ReadonlyMap<string, string | null>;
  /** Of the person's documents, newest first, as far back as the history goes. */
  history: readonly { type: DirectoryChange['type']; changedAt: string }[];
  /** The chosen group was deleted. */
  isGroupGone: boolean;
  /** A removal of this person that waits for an admin, or that one refused. */
  held: { planId: string; state: 'waiting' | 'refused' } | null;
};
export type Explanation = {
  /** Null: nobody can say before the person was read. */
  inScope: boolean | null;
  /** From the chosen group down to the one that holds the person. */
  path: { groupId: string; displayName: string | null }[];
  /** Since when it is so; null where the history does not reach back to it. */
  since: string | null;
  /** Whole sentences, the answer first. */
  sentences: string[];
};

/** Why a person is in scope or not, for people who ask. */
export function explainPerson(facts: ExplainFacts, now: Date): Explanation {
  const { document, read, settings } = facts;
  const inScope = document ? isInScopeStatus(document.status) : toScopeByRead(facts);
  const ids = document?.inGroup ? document.groupPath : (read?.groupPath ?? []);
  const path = ids.map((groupId) => ({ groupId, displayName: facts.groupNames.get(groupId) ?? null }));
  const since = document ? toSince(facts.history, inScope === true) : null;
  return {
    inScope,
    since,
    path: inScope ? path : [],
    sentences: [
      ...(document ? explainDocument(document, facts, path) : explainUnknown(facts)),
      ...(document ? explainAge({ document, read, since, inScope }, now) : []),
      ...explainHeld(facts),
      ...explainRead(facts, now),
      ...(inScope === true ? explainMfa(facts, now) : []),
      ...(settings.state === 'active' ? [] : [`The integration is ${settings.state}: nothing is read now.`]),
    ],
  };
}

const nameOf = ({ groupId, displayName }: Explanation['path'][number]): string => displayName ?? groupId;
/** One that was taken out of the tree has no name here any more. */
const nestedNameOf = (group: Explanation['path'][number]): string => group.displayName ?? `the group ${group.groupId}`;

function explainDocument(document: UserDocument, facts: ExplainFacts, path: Explanation['path']): string[] {
  const why = facts.held ? KEPT[facts.held.state] : toWay(facts, path);
  switch (document.status) {
    case 'active':
      return [`In scope: ${why}. May sign in.`];
    case 'disabled':
      return [`In scope: ${why}.`, 'The account is disabled, so sign-in is refused.'];
    case 'deleted':
      return ['Not in scope: deleted in Microsoft 365.'];
    case 'out-of-scope':
      return [`Not in scope: ${toAbsence(facts, document.userType)}.`];
  }
}

/** By the last read no longer what the way says. */
const KEPT: Record<NonNullable<ExplainFacts['held']>['state'], string> = {
  waiting: 'kept while the removal waits for an admin',
  refused: 'kept by an admin, who refused the removal',
};

function toWay({ settings }: ExplainFacts, path: Explanation['path']): string {
  if (settings.groupId === null) return 'no group is chosen, so everyone in the tenant is';
  const [chosen, ...nested] = path;
  if (!chosen) return 'a member of the chosen group; the way is not known yet';
  if (nested.length === 0) return `a direct member of the chosen group ${nameOf(chosen)}`;
  const [holder, ...above] = nested.map(nestedNameOf).toReversed();
  const between = above.map((name) => `, which is in ${name}`).join('');
  return `a member of ${holder}${between}, which is in the chosen group ${nameOf(chosen)}`;
}

function toAbsence({ settings, groupNames, isGroupGone }: ExplainFacts, userType: string | null): string {
  if (settings.groupId !== null) {
    const name = groupNames.get(settings.groupId) ?? settings.groupId;
    if (isGroupGone) return `the chosen group ${name} was deleted in Microsoft 365`;
    return `not in the chosen group ${name}, neither directly nor through a nested group`;
  }
  return userType?.toLowerCase() === 'guest' && !settings.includeGuests
    ? 'a guest, and guests are left out'
    : 'left out by the settings at that time; a full read brings it in line';
}

/** Whom there is no document of. */
function explainUnknown(facts: ExplainFacts): string[] {
  const { read } = facts;
  if (!read || read.found === 'unknown')
    return ['Muster keeps nothing of this person: people out of scope get no document. Sync the person to look now.'];
  if (read.found !== 'yes')
    return [
      read.found === 'soft'
        ? 'Not in scope: deleted in Microsoft 365, and can be restored there.'
        : 'Not in scope: Microsoft 365 has no such person.',
    ];
  return toScopeByRead(facts) === true
    ? ['In scope by the last read; the document follows within seconds.']
    : [`Not in scope: ${toAbsence(facts, read.userType)}.`];
}

function toScopeByRead({ read, settings }: ExplainFacts): boolean | null {
  if (!read || read.found === 'unknown') return null;
  if (read.found !== 'yes') return false;
  if (settings.groupId !== null) return read.inGroup === true;
  return settings.includeGuests || read.userType?.toLowerCase() !== 'guest';
}

const ENTERED: ReadonlySet<DirectoryChange['type']> = new Set([
  'muster.user.created',
  'muster.user.entered-scope',
  'muster.user.restored',
]);
const LEFT: ReadonlySet<DirectoryChange['type']> = new Set(['muster.user.left-scope', 'muster.user.deleted']);

/** The newest change that brought it about: other ones, such as a new name, came since. */
const toSince = (history: ExplainFacts['history'], inScope: boolean): string | null =>
  history.find(({ type }) => (inScope ? ENTERED : LEFT).has(type))?.changedAt ?? null;

type Age = Pick<ExplainFacts, 'read'> & Pick<Explanation, 'since' | 'inScope'> & { document: UserDocument };

function explainAge({ document, read, since, inScope }: Age, now: Date): string[] {
  const { changedAt, observedAt, revision } = document;
  const seen = read && read.readAt > observedAt ? read.readAt : observedAt;
  const ago = toAge(now.getTime() - Date.parse(seen));
  return [
    ...(since === null ? [] : [`${inScope === true ? 'In scope' : 'So'} since ${since}.`]),
    `Last changed ${changedAt} (revision ${revision}); last seen in Microsoft 365 ${ago} ago.`,
  ];
}

function explainHeld({ held }: ExplainFacts): string[] {
  if (!held) return [];
  return held.state === 'waiting'
    ? [`A removal waits for an admin: plan ${held.planId}.`]
    : [`An admin refused the removal of this person: plan ${held.planId}.`];
}

function explainRead({ read, document, held }: ExplainFacts, now: Date): string[] {
  if (!read) return [];
  const ago = toAge(now.getTime() - Date.parse(read.requestedAt));
  if (read.failure) return [`The read that was asked for ${ago} ago failed: ${read.failure.message}`];
  const says = document && toContradiction(read, document);
  if (!says) return [];
  const then = held && isInScopeStatus(document.status) ? 'the person is kept all the same' : 'the document follows';
  return [`The read of ${ago} ago says ${says}; ${then}.`];
}

/** What a read says against the document; null: nothing. */
function toContradiction({ found, inGroup }: PersonRead, document: UserDocument): string | null {
  if (found === 'unknown') return null;
  if (found !== 'yes') return document.status === 'deleted' ? null : 'deleted';
  if (inGroup === null || inGroup === document.inGroup) return null;
  return inGroup ? 'in the group' : 'not in the group';
}

/** Never a false "no": what is not known is said to be not known, and why. */
function explainMfa({ settings, mfa, document, reportReadAt }: ExplainFacts, now: Date): string[] {
  if (!settings.features.mfaVerification) return [];
  if (!mfa)
    return [
      document?.status === 'disabled'
        ? "MFA: unknown, for Microsoft's report leaves disabled people out."
        : "MFA: unknown, for Microsoft's report has no row of this person yet.",
    ];
  const words = {
    capable: 'registered, and allowed by policy',
    registered: 'registered, but no method that policy allows',
    'not-registered': 'not registered',
    unknown: 'unknown',
  };
  // A row that stays the same keeps the date on which it came; that it is so still is known since the newest report was read.
  const readAt = !mfa.stale && reportReadAt !== null && reportReadAt > mfa.observedAt ? reportReadAt : mfa.observedAt;
  const age = toAge(now.getTime() - Date.parse(mfa.stale ? (mfa.reportedAt ?? mfa.observedAt) : readAt));
  const source = mfa.stale ? `${age} old; the newest report no longer has this row` : `read ${age} ago`;
  return [`MFA: ${words[mfa.state]} (Microsoft's report, ${source}).`];
}
