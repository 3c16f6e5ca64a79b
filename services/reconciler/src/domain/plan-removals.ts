import {
  coversRemoval,
  MOST_CANDIDATES,
  removalLimit,
  toPlanState,
  type CandidateState,
  type IntegrationSettings,
  type PlanRecord,
  type RemovalCandidate,
  type RemovalLimit,
  type RemovalReason,
  plural,
} from '@muster/contracts';

/** Somebody who seems to have gone or left. `inScope` = by the document, so that the removal would be felt. */
export type Removal = { userId: string; why: RemovalReason; inScope: boolean };

export type RemovalFacts = {
  removals: readonly Removal[];
  /** Of this scope: those that are open, and those by which somebody among `recent` went. */
  plans: readonly PlanRecord[];
  /** Who went within the last minutes, by whatever source. */
  recent: readonly string[];
  /** People in scope by the documents, those that may go now included. */
  inScope: number;
  limit: RemovalLimit;
  /** Of those whom a plan removed: who came back since an admin allowed it, see `answeredAt`. */
  back: ReadonlySet<string>;
  /** Set: they wait, however few they are. */
  mustWait?: string | undefined;
};
export type RemovalDecision = { apply: Removal[]; hold: Removal[]; reason: string | null };

/**
 * Who is removed at once and who waits for an admin. Somebody who waits already, or whom an admin keeps, is neither.
 * What went lately counts, so that many small portions do not add up to everyone; what an admin allowed does not, though
 * its documents may still say otherwise. An answer is for once: who came back and goes again counts.
 */
export function decideRemovals(facts: RemovalFacts): RemovalDecision {
  const { removals, plans, recent, inScope, limit, mustWait } = facts;
  const known = candidatesByState(plans);
  const fresh = removals.filter((removal) => !isCovered(known.open, removal));
  const isFelt = ({ userId, inScope: isIn }: Removal): boolean =>
    isIn && (facts.back.has(userId) || !known.allowed.has(userId));
  const felt = fresh.filter(isFelt);
  const quiet = fresh.filter((removal) => !isFelt(removal));
  const others = new Set(recent.filter((userId) => !known.allowed.has(userId)));
  for (const { userId } of felt) others.delete(userId);
  const reason = felt.length === 0 ? null : (mustWait ?? whyTooMany(felt.length, others.size, { inScope, limit }));
  return reason === null ? { apply: fresh, hold: [], reason } : { apply: quiet, hold: felt, reason };
}

function whyTooMany(
  leaving: number,
  lately: number,
  { inScope, limit }: { inScope: number; limit: RemovalLimit },
): string | null {
  if (leaving >= inScope)
    return `${leaving} of ${plural(inScope, 'person', 'people')} in scope would be removed: that is everyone.`;
  const most = removalLimit(inScope + lately, limit);
  if (leaving + lately <= most) return null;
  const before = lately === 0 ? '' : ` after ${lately} who went within the last minutes`;
  return `${leaving} of ${plural(inScope, 'person', 'people')} in scope would be removed${before}: that is more than ${most} at once.`;
}

/** Who waits, is kept or is about to go (whom nothing else needs to remove), and for which reasons. */
type Open = ReadonlyMap<string, readonly RemovalReason[]>;
const isCovered = (open: Open, { userId, why }: Removal): boolean =>
  open.get(userId)?.some((kept) => coversRemoval(kept, why)) ?? false;

function candidatesByState(plans: readonly PlanRecord[]): { open: Open; allowed: Set<string> } {
  const open = new Map<string, RemovalReason[]>();
  const allowed = new Set<string>();
  for (const { candidates } of plans)
    for (const { userId, state, why } of candidates) {
      if (state === 'waiting' || state === 'refused' || state === 'allowed')
        open.set(userId, [...(open.get(userId) ?? []), state === 'allowed' ? 'deleted' : why]);
      if (state === 'allowed' || state === 'removed') allowed.add(userId);
    }
  return { open, allowed };
}

/** Since when each of those whom these plans removed may go: a document that was changed later is of who came back. */
export function answeredAt(plans: readonly PlanRecord[]): Map<string, string> {
  const answered = new Map<string, string>();
  for (const plan of plans)
    for (const { userId, state, decidedAt = plan.decidedAt ?? '' } of plan.candidates)
      if (state === 'removed' && decidedAt > (answered.get(userId) ?? '')) answered.set(userId, decidedAt);
  return answered;
}

/**
 * When a plan changes: never at an instant at which it was seen otherwise, though answers come with the time at which they
 * were given. An answer is for what was seen until then.
 */
const toInstant = ({ candidates, updatedAt }: PlanRecord, at: string): string =>
  candidates.length === 0 || at > updatedAt ? at : new Date(Date.parse(updatedAt) + 1).toISOString();

const withStates = (plan: PlanRecord, candidates: RemovalCandidate[], at: string): PlanRecord => ({
  ...plan,
  candidates,
  state: toPlanState(candidates),
  updatedAt: toInstant(plan, at),
});

type Room = { fresh: () => PlanRecord; most?: number };

/** Into the plans that wait already, else into new ones. Answers those that changed. */
export function addToPlans(
  plans: readonly PlanRecord[],
  hold: readonly Removal[],
  { fresh, most = MOST_CANDIDATES }: Room,
): PlanRecord[] {
  const waiting = plans.filter(({ state }) => state === 'waiting');
  const known = new Set(waiting.flatMap(({ candidates }) => candidates.map(({ userId }) => userId)));
  // Somebody may have been answered for since it was decided who is held.
  const { open } = candidatesByState(plans);
  const held = new Map(hold.map((removal) => [removal.userId, removal]));
  const { reason, createdAt: at } = fresh();
  const changed: PlanRecord[] = [];
  let more = hold.filter((removal) => !known.has(removal.userId) && !isCovered(open, removal));
  const take = (plan: PlanRecord): void => {
    const room = Math.max(0, most - plan.candidates.length);
    const waitsSince = toInstant(plan, at);
    const added = more
      .slice(0, room)
      .map(({ userId, why }): RemovalCandidate => ({ userId, why, state: 'waiting', waitsSince }));
    more = more.slice(room);
    if (added.length === 0 && !plan.candidates.some(({ userId }) => held.has(userId))) return;
    // One who stayed before may go again, and who waits may turn out to be deleted.
    const candidates = plan.candidates.map((one): RemovalCandidate => {
      const again = held.get(one.userId);
      const isKnown = one.state === 'waiting' && (!again || coversRemoval(one.why, again.why));
      return !again || isKnown ? one : { ...one, why: again.why, state: 'waiting', waitsSince };
    });
    changed.push({ ...withStates(plan, [...candidates, ...added], at), reason });
  };
  for (const plan of waiting) take(plan);
  while (more.length > 0) take(fresh());
  return changed;
}

/** `superseded`: not by an answer, so that it allows nothing later. */
export type Settled = {
  at: string;
  outcome?: 'stayed' | 'superseded';
  /** When a change was read that tells that they came in again: who was allowed to go before is not any more. */
  cameInAt?: string;
};

/**
 * People seen in scope again need no decision, and a refusal ends with them; so it is with those who are out already, as who
 * was deleted meanwhile. Answers the plans that changed.
 */
export function settlePlans(
  plans: readonly PlanRecord[],
  isSettled: (candidate: RemovalCandidate) => boolean,
  { at, outcome = 'stayed', cameInAt = '' }: Settled,
): PlanRecord[] {
  return plans.flatMap((plan) => {
    const settles = (one: RemovalCandidate): boolean =>
      (one.state === 'waiting' ||
        one.state === 'refused' ||
        (one.state === 'allowed' && (one.waitsSince ?? plan.createdAt) < cameInAt)) &&
      isSettled(one);
    if (!plan.candidates.some(settles)) return [];
    const candidates = plan.candidates.map((one): RemovalCandidate =>
      settles(one) ? { ...one, state: outcome } : one,
    );
    return [withStates(plan, candidates, at)];
  });
}

type Scope = Pick<IntegrationSettings, 'groupId' | 'state'>;

/** Why nobody has to answer any more, in words; null while the plan is for the present scope. */
export function whyNeedless({ groupId }: Pick<PlanRecord, 'groupId'>, scope: Scope): string | null {
  if (scope.state === 'removed') return 'The integration was removed since.';
  if (scope.groupId === groupId) return null;
  return scope.groupId === null
    ? 'Since then people are chosen no longer by group.'
    : 'Another group was chosen since.';
}

/** Ends what waits, or was allowed, for a scope that was left; null where none was. A refusal stays for when it is chosen again. */
export function supersede(plan: PlanRecord, scope: Scope, at: string): PlanRecord | null {
  const why = whyNeedless(plan, scope);
  const isOpen = ({ state }: RemovalCandidate): boolean => state === 'waiting' || state === 'allowed';
  if (why === null || !plan.candidates.some(isOpen)) return null;
  const candidates = plan.candidates.map((one) => (isOpen(one) ? { ...one, state: 'superseded' as const } : one));
  return { ...withStates(plan, candidates, at), reason: `${plan.reason} ${why}` };
}

export type Answer = {
  allowed: boolean;
  userIds?: readonly string[] | undefined;
  by: string;
  at: string;
  /** `updatedAt` of the plan that was looked at. */
  seenAt?: string | undefined;
};

/**
 * An admin's answer, whole or for some; null when it changes nothing. It is for those who waited when the admin looked, and
 * not against a later answer for the same person: answers come again after a start.
 */
export function answerPlan(plan: PlanRecord, answer: Answer): PlanRecord | null {
  const { allowed, userIds, by, at, seenAt = at } = answer;
  const named = userIds && new Set(userIds);
  const from: CandidateState[] = allowed ? ['waiting', 'refused'] : ['waiting', 'allowed'];
  const to: CandidateState = allowed ? 'allowed' : 'refused';
  const isMeant = ({ userId, state, waitsSince = plan.createdAt, decidedAt }: RemovalCandidate): boolean =>
    from.includes(state) &&
    waitsSince <= seenAt &&
    (decidedAt === undefined || decidedAt < at) &&
    (named ? named.has(userId) : state === 'waiting' || plan.state !== 'waiting');
  if (!plan.candidates.some(isMeant)) return null;
  const candidates = plan.candidates.map((one) => (isMeant(one) ? { ...one, state: to, decidedAt: at } : one));
  return { ...withStates(plan, candidates, at), decidedAt: at, decidedBy: by };
}

/**
 * What became of allowed people; who is not named could not be read and is tried again. Who was told to be gone is removed,
 * though an admin refused it meanwhile.
 */
export function carriedOut(
  plan: PlanRecord,
  outcomes: ReadonlyMap<string, 'removed' | 'stayed'>,
  at: string,
): PlanRecord {
  const candidates = plan.candidates.map((one): RemovalCandidate => {
    const outcome = outcomes.get(one.userId);
    const isMeant = one.state === 'allowed' || (one.state === 'refused' && outcome === 'removed');
    return outcome && isMeant ? { ...one, state: outcome } : one;
  });
  return withStates(plan, candidates, at);
}
