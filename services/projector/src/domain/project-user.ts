import {
  isInScopeStatus,
  USER_PROPERTIES,
  type DirectoryUser,
  type MembershipFacts,
  type RemovalReason,
  type UserChange,
  type UserDocument,
  type UserFacts,
  type UserStatus,
} from '@muster/contracts';
import { changedFields, later, outranks, type Membership, type Source } from './compare.js';
import { isInScope, type Scope } from './scope.js';

/** One read's sight of a person: properties, membership of the chosen group, or both. */
export type SeenUser = {
  userId: string;
  observedAt: string;
  source: Source;
  /** A plan allows that the person goes. */
  isAllowed?: boolean;
  /** A notification named the person, and this is the read after it. */
  isNotified?: boolean;
  /** Absent: not looked at. Null: gone. */
  user?: DirectoryUser | null;
  /** `groupPath` null: the read told only whether, not why. */
  membership?: { groupId: string; inGroup: boolean; groupPath: string[] | null };
};

export type KnownUser = { document: UserDocument; facts: UserFacts | null };

export type UserVerdict =
  | { kind: 'ignore' }
  /** What was seen does not suffice, or contradicts what is fresh: read the person, then decide. */
  | { kind: 'read' }
  | { kind: 'touch'; observedAt: string; facts: UserFacts }
  | {
      kind: 'write';
      document: UserDocument;
      facts: UserFacts;
      change: UserChange;
      changed: string[];
      /** Somebody in scope would be no more. */
      removes: RemovalReason | null;
    };

/** What of a document is a change when it differs. */
export const USER_COMPARED = [...USER_PROPERTIES, 'status', 'ssoEnabled', 'inGroup', 'groupPath'] as const;

/** A full read is slow: what it says against a document this young is asked again (design, invariant 3). */
const FRESH_MS = 15 * 60_000;

/** What is known while a person's observations are taken in, one after the other. */
type State = { user: DirectoryUser; gone: boolean; inGroup: boolean; groupPath: string[]; facts: UserFacts };

type Options = { known: KnownUser | null; seen: readonly SeenUser[]; scope: Scope; now: Date };

/** Takes in everything that a batch saw of one person, and says what becomes of the document: at most one change. */
export function projectUser({ known, seen, scope, now }: Options): UserVerdict {
  const before = known && toState(known, scope);
  let state = before;
  let advanced = false;
  // Order does not matter to the outcome, but a membership needs somebody to belong to.
  for (const one of seen.toSorted((left, right) => Number(!('user' in left)) - Number(!('user' in right)))) {
    if (!state && one.user === undefined && one.membership?.inGroup && one.membership.groupId === scope.groupId) {
      return { kind: 'read' };
    }
    const next = takeIn(state, one, scope);
    if (next === null || next === state) continue;
    const isOfOther = state?.facts.membership?.groupId !== next.facts.membership?.groupId || isLeftOver(known, scope);
    const matters = one.source !== 'full' || isOfOther;
    advanced ||= matters;
    state = next;
  }
  if (state === null || state === before) return { kind: 'ignore' };
  if (isFound({ before, state, seen, scope }))
    state = { ...state, facts: { ...state.facts, foundAt: later(state.facts.userObservedAt, now.toISOString()) } };
  return toVerdict({ known, state, advanced, contradicted: isContradiction(known, seen, now), scope, now });
}

/**
 * A change that no notification told, and no admin either. Who gets a first document by entering the group is told by the
 * group's own changes: whether the person was notified nobody can say then.
 */
function isFound({
  before,
  state,
  seen,
  scope,
}: { before: State | null; state: State } & Pick<Options, 'seen' | 'scope'>) {
  if (seen.some(({ isNotified, isAllowed }) => isNotified || isAllowed)) return false;
  if (!before) return scope.groupId === null;
  return before.gone !== state.gone || changedFields(before.user, state.user, USER_PROPERTIES).length > 0;
}

/** From an integration that was removed: that this one saw the person, too, has to be told by the document. */
const isLeftOver = (known: KnownUser | null, { createdAt }: Scope): boolean =>
  known !== null && known.document.observedAt < createdAt;

const isContradiction = (known: KnownUser | null, seen: readonly SeenUser[], now: Date): boolean =>
  known !== null &&
  seen.every(({ source }) => source === 'full') &&
  now.getTime() - Date.parse(known.document.changedAt) < FRESH_MS;

function toState({ document, facts }: KnownUser, scope: Scope): State {
  const { inGroup, groupPath, observedAt } = document;
  return {
    user: toProperties(document),
    gone: document.status === 'deleted',
    inGroup,
    groupPath,
    facts: facts ?? {
      userObservedAt: observedAt,
      membership:
        scope.groupId === null
          ? null
          : {
              groupId: scope.groupId,
              observedAt,
              inGroup,
              path: { observedAt, groupPath: inGroup ? groupPath : null },
            },
    },
  };
}

const toProperties = (user: DirectoryUser): DirectoryUser => ({
  userId: user.userId,
  ...(Object.fromEntries(USER_PROPERTIES.map((name) => [name, user[name]])) as Omit<DirectoryUser, 'userId'>),
});

export const emptyUser = (userId: string): DirectoryUser => ({
  userId,
  ...(Object.fromEntries(USER_PROPERTIES.map((name) => [name, null])) as Omit<DirectoryUser, 'userId'>),
});

/** The same state when the observation is older than what is known, or a repeat. */
function takeIn(state: State | null, seen: SeenUser, scope: Scope): State | null {
  const next = takeSight(state, seen, scope);
  const { notifiedAt = '' } = next?.facts ?? {};
  if (!next || !seen.isNotified || seen.observedAt <= notifiedAt) return next;
  return { ...next, facts: { ...next.facts, notifiedAt: seen.observedAt } };
}

function takeSight(state: State | null, seen: SeenUser, scope: Scope): State | null {
  const { user, membership, observedAt } = seen;
  if (!state) {
    if (user === undefined) return null;
    const facts = { userObservedAt: observedAt, membership: null };
    const first = { user: user ? toProperties(user) : emptyUser(seen.userId), gone: user === null, facts };
    return takeMembership({ ...first, inGroup: false, groupPath: [] }, seen, scope);
  }
  let next = state;
  if (user !== undefined && isNewerUser(state, seen)) {
    const facts = { ...state.facts, userObservedAt: observedAt };
    next = { ...state, user: user ? toProperties(user) : state.user, gone: user === null, facts };
  }
  return membership ? takeMembership(next, seen, scope) : next;
}

function isNewerUser({ facts, gone, user: present }: State, { observedAt, user }: SeenUser): boolean {
  if (observedAt !== facts.userObservedAt) return observedAt > facts.userObservedAt;
  if (user === null || gone) return user === null && !gone;
  return user !== undefined && outranks(toProperties(user), present);
}

function takeMembership(state: State, { membership, observedAt }: SeenUser, scope: Scope): State {
  if (!membership || membership.groupId !== scope.groupId) return state;
  const { groupId, inGroup, groupPath } = membership;
  const known = state.facts.membership?.groupId === groupId ? state.facts.membership : null;
  const told = { observedAt, groupPath: inGroup ? groupPath : null };
  // "In" without a way keeps the way that is known; an "out" ends it, whenever it is heard of.
  const tellsPath = !inGroup || groupPath !== null;
  const before = known?.path ?? UNTOLD;
  const path = tellsPath && isNewerFact(told, before) ? told : before;
  const isNewer =
    !known || isNewerFact({ observedAt, out: !inGroup }, { observedAt: known.observedAt, out: !known.inGroup });
  if (!isNewer && path === before) return state;
  const fact = isNewer ? { groupId, observedAt, inGroup, path } : { ...known, path };
  return { ...state, facts: { ...state.facts, membership: fact } };
}

const UNTOLD = { observedAt: '', groupPath: null };

/** Of two reads at once, any order gives the same one; the one that says "out" counts. */
const isNewerFact = <T extends { observedAt: string }>(candidate: T, present: T): boolean =>
  candidate.observedAt === present.observedAt
    ? outranks(candidate, present)
    : candidate.observedAt > present.observedAt;

const toMembership = ({ inGroup, path }: MembershipFacts): Membership => ({
  inGroup,
  // That somebody is in says nothing of the way, which the group's own changes tell.
  groupPath: inGroup ? (path.groupPath ?? []) : [],
});

type Outcome = { status: UserStatus; inGroup: boolean; groupPath: string[] };

/** A group that was just chosen: until its membership is read, a person stays what the person was. */
function toOutcome({ user, gone, facts, inGroup, groupPath }: State, scope: Scope): Outcome {
  if (gone) return { status: 'deleted', inGroup: false, groupPath: [] };
  const isOfGroup = facts.membership?.groupId === scope.groupId;
  const told = facts.membership && isOfGroup ? toMembership(facts.membership) : { inGroup, groupPath };
  const inScope = isInScope(scope, { userType: user.userType, inGroup: told.inGroup });
  const path = inScope && scope.groupId !== null ? told.groupPath : [];
  if (!inScope) return { status: 'out-of-scope', inGroup: false, groupPath: [] };
  return { status: user.accountEnabled === false ? 'disabled' : 'active', inGroup: true, groupPath: path };
}

type Judged = {
  known: KnownUser | null;
  state: State;
  advanced: boolean;
  contradicted: boolean;
  scope: Scope;
  now: Date;
};

function toVerdict({ known, state, advanced, contradicted, scope, now }: Judged): UserVerdict {
  const outcome = toOutcome(state, scope);
  const { purgedAt, ...rest } = state.facts;
  const isPurged = purgedAt !== undefined && (outcome.status === 'deleted' || outcome.status === 'out-of-scope');
  const facts = isPurged ? state.facts : rest;
  const user = isPurged ? emptyUser(state.user.userId) : state.user;
  const before = known?.document ?? null;
  // Outsiders never get a document; nor does who is gone, where it cannot be told whether the person was in the group.
  const outside = outcome.status === 'out-of-scope' || (outcome.status === 'deleted' && scope.groupId !== null);
  if (!before && outside) return { kind: 'ignore' };
  const seenAt = later(facts.userObservedAt, facts.membership?.observedAt ?? facts.userObservedAt);
  const observedAt = later(before?.observedAt ?? seenAt, seenAt);
  const document: UserDocument = {
    ...user,
    tenantId: scope.tenantId,
    ...outcome,
    ssoEnabled: outcome.status === 'active',
    revision: (before?.revision ?? 0) + 1,
    observedAt,
    changedAt: now.toISOString(),
  };
  if (!before) {
    const change = toUserChange(null, outcome.status);
    return { kind: 'write', document, facts, change, changed: [...USER_COMPARED], removes: null };
  }
  const changed = changedFields(before, document, USER_COMPARED);
  if (changed.length === 0) return advanced ? { kind: 'touch', observedAt, facts } : { kind: 'ignore' };
  if (contradicted) return { kind: 'read' };
  const change = toUserChange(before.status, outcome.status);
  return { kind: 'write', document, facts, change, changed, removes: toRemoval(before.status, outcome.status) };
}

function toRemoval(before: UserStatus, after: UserStatus): RemovalReason | null {
  if (!isInScopeStatus(before) || isInScopeStatus(after)) return null;
  return after === 'deleted' ? 'deleted' : 'left-group';
}

/**
 * What is left of what was seen while a removal waits: neither that the person is gone nor that the person is out, but
 * that a notification told of it.
 */
export const withoutRemoval = (seen: readonly SeenUser[]): SeenUser[] =>
  seen.flatMap((one): SeenUser[] => {
    const { user, membership, ...rest } = one;
    const kept = {
      ...rest,
      ...(user ? { user } : {}),
      ...(membership?.inGroup ? { membership } : {}),
    };
    return 'user' in kept || 'membership' in kept || kept.isNotified ? [kept] : [];
  });

/** Where what is left still says that the person goes: only that a notification told of it. */
export const asNotified = (seen: readonly SeenUser[]): SeenUser[] =>
  seen.map(({ user: _user, membership: _membership, ...rest }) => rest);

/** The first that fits, in the order of the contract. */
export function toUserChange(before: UserStatus | null, after: UserStatus): UserChange {
  if (after === 'deleted' && before !== 'deleted') return 'deleted';
  if (after === 'out-of-scope' && isInScopeStatus(before)) return 'left-scope';
  if (before === null) return 'created';
  if (before === 'deleted' && after !== 'deleted') return 'restored';
  if (before === 'out-of-scope' && after !== 'out-of-scope') return 'entered-scope';
  if (before === 'active' && after === 'disabled') return 'disabled';
  if (before === 'disabled' && after === 'active') return 'enabled';
  return 'updated';
}
