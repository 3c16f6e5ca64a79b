import {
  isInScopeStatus,
  toPersonKey,
  type DirectoryChange,
  type UserDocument,
  type UserFacts,
} from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { MfaStore, Store, Stored, UsersStore } from '@muster/store';
import { toMfaChangeEvent, toUserChangeEvent } from './domain/change-events.js';
import { toChangeWay } from './domain/change-way.js';
import { append, type TenantPlan } from './domain/plan-batch.js';
import { mfaToTake, projectMfa } from './domain/project-mfa.js';
import { asNotified, projectUser, withoutRemoval, type SeenUser, type UserVerdict } from './domain/project-user.js';
import { mayKeepMfa } from './domain/scope.js';
import type { RemovalCandidate, RemovalGate } from './gate-removals.js';
import { toNewest, type IntegrationsCache } from './integrations-cache.js';
import type { LeftToSweep } from './left-to-sweep.js';
import type { PeopleReader } from './read-people.js';
import type { TenantTurns } from './tenant-turns.js';
import { saveGroups } from './save-groups.js';
import { writeProjected, type Decision, type Outcome } from './write-projected.js';

const ENTERING = new Set(['muster.user.created', 'muster.user.entered-scope', 'muster.user.restored']);

export type TenantDependencies = {
  store: Pick<Store, 'users' | 'mfa' | 'groups'>;
  publisher: Pick<Publisher, 'publish'>;
  reader: PeopleReader;
  gate: RemovalGate;
  left: Pick<LeftToSweep, 'isTooMuch' | 'leave'>;
  turns: TenantTurns;
  integrations: IntegrationsCache;
  /** Of the batch: how much there is of all tenants, and how much waits behind it in its partition. */
  load: { events: number; behind: number };
  now: Now;
  /** When the batch was taken from the log. */
  takenAt: Date;
  /** False once the partition is another's: nothing more is written. */
  isMine: () => boolean;
};

export type TenantOutcome = {
  users: Outcome | null;
  mfa: Outcome | null;
  readAt: Date;
  /** Named people who were read; the others are outsiders, whom nothing is spent on, or left to a sweep. */
  read: Set<string>;
  outsiders: number;
  /** Code of the failure that kept people from being read. */
  unreadable: string | null;
};

const createOutcome = (readAt: Date): TenantOutcome => ({
  users: null,
  mfa: null,
  readAt,
  read: new Set(),
  outsiders: 0,
  unreadable: null,
});

/** Everything that a batch holds of one tenant: read whom it names, then project users, groups and MFA rows. */
export async function projectTenant(plan: TenantPlan, dependencies: TenantDependencies): Promise<TenantOutcome> {
  const { store, now, isMine, turns } = dependencies;
  const outcome = createOutcome(now());
  await readNamed(plan, dependencies, outcome);
  outcome.readAt = now();
  if (!isMine()) return outcome;
  await saveGroups(plan, store);
  outcome.users = await projectUsers(plan, dependencies, outcome);
  await readMfaOfEntered(plan, dependencies, outcome);
  if (isMine() && plan.mfa.size > 0)
    outcome.mfa = await turns(plan.settings.tenantId, isMine, () => projectMfaRows(plan, dependencies));
  return outcome;
}

type StoredUser = Stored<UserDocument, UserFacts>;

/** With a group, a notification about someone whom nobody knows costs Graph nothing unless it names a member. */
async function readNamed(plan: TenantPlan, dependencies: TenantDependencies, outcome: TenantOutcome): Promise<void> {
  const { store, left, load } = dependencies;
  const { settings, named, members } = plan;
  if (named.size === 0) return;
  const { tenantId, groupId } = settings;
  const needed = [...named.keys()];
  const known = groupId === null ? null : await store.users.load(needed.map((userId) => toPersonKey(tenantId, userId)));
  const isKnown = (userId: string): boolean => known?.has(toPersonKey(tenantId, userId)) ?? true;
  const toRead = needed.filter((userId) => members.has(userId) || isKnown(userId));
  outcome.outsiders = needed.length - toRead.length;
  if (settings.state === 'paused') {
    if (toRead.length > 0) await left.leave(settings, namedOf(plan, toRead));
    return;
  }
  if (left.isTooMuch(settings, { read: toRead.length, ...load })) {
    await left.leave(settings, namedOf(plan, toRead));
    plan.sweep = 'many people changed at once: one sweep in place of a read each';
    return;
  }
  // Whom the group has already says nothing new of the group by a change of the person's own: that is told by the group.
  const isMember = (userId: string): boolean => isInGroup(known?.get(toPersonKey(tenantId, userId)), groupId);
  const plain = toRead.filter((userId) => !members.has(userId) && isMember(userId));
  const others = toRead.filter((userId) => members.has(userId) || !isMember(userId));
  const [, gone] = await Promise.all([
    read(plan, plain, { ...dependencies, outcome, membership: false }),
    read(plan, others, { ...dependencies, outcome, membership: true }),
  ]);
  if (gone.some((userId) => members.has(userId) && !isKnown(userId))) {
    plan.sweep ??= 'a member that is not a person: a nested group may have changed';
  }
}

const namedOf = ({ named }: TenantPlan, userIds: readonly string[]): TenantPlan['named'] =>
  new Map(userIds.map((userId) => [userId, named.get(userId) ?? []]));

const isInGroup = (stored: StoredUser | undefined, groupId: string | null): boolean =>
  stored !== undefined &&
  isInScopeStatus(stored.document.status) &&
  stored.facts?.membership?.groupId === groupId &&
  stored.facts.membership.inGroup;

type Reading = TenantDependencies & { outcome: TenantOutcome; membership: boolean };

/** Adds what Graph says to what the batch saw. Answers who is gone. */
async function read(
  plan: TenantPlan,
  userIds: readonly string[],
  { outcome, membership, ...dependencies }: Reading,
): Promise<string[]> {
  const { reader, left } = dependencies;
  if (userIds.length === 0) return [];
  if (plan.settings.state === 'paused') {
    plan.sweep ??= 'people had to be read while paused';
    return [];
  }
  const { seen, gone, unread, failure, late } = await reader.readUsers(plan.settings, userIds, { membership });
  take(plan, seen, outcome);
  if (failure) {
    plan.sweep ??= `people could not be read: ${failure.code}`;
    outcome.unreadable = failure.code;
    const announced = unread.filter((userId) => plan.named.has(userId));
    if (announced.length > 0) await left.leave(plan.settings, namedOf(plan, announced));
  }
  if (late) void writeLate(plan, late, dependencies).catch(() => undefined); // a sweep tells them, too
  return gone;
}

function take(plan: TenantPlan, seen: readonly SeenUser[], outcome: TenantOutcome): void {
  for (const one of seen) {
    append(plan.users, one.userId, withPath({ ...one, isNotified: plan.named.has(one.userId) }, plan));
    outcome.read.add(one.userId);
  }
}

/** Whom nobody waited for any longer is left to a sweep; what the read brings after all need not wait for that. */
async function writeLate(plan: TenantPlan, late: Promise<SeenUser[]>, dependencies: TenantDependencies): Promise<void> {
  const seen = await late;
  if (seen.length === 0) return;
  const { turns, isMine, now } = dependencies;
  const outcome = createOutcome(now());
  const latePlan: TenantPlan = { ...plan, users: new Map() };
  take(latePlan, seen, outcome);
  const userIds = [...latePlan.users.keys()];
  await turns(plan.settings.tenantId, isMine, () => writeUsers(latePlan, userIds, { ...dependencies, outcome }));
}

/** A read by id says that a person is in, not by which way: the notification hints at it, else it is left to a sweep. */
function withPath(seen: SeenUser, plan: TenantPlan): SeenUser {
  const { membership } = seen;
  if (!membership?.inGroup || membership.groupPath !== null) return seen;
  const hint = plan.members.get(seen.userId);
  if (hint === 'removed from the chosen group') plan.sweep ??= 'who left the chosen group is in by another way';
  if (hint !== 'added to the chosen group') return seen;
  return { ...seen, membership: { ...membership, groupPath: [membership.groupId] } };
}

async function projectUsers(
  plan: TenantPlan,
  dependencies: TenantDependencies,
  outcome: TenantOutcome,
): Promise<Outcome | null> {
  const { isMine, turns } = dependencies;
  if (plan.users.size === 0) return null;
  const write = (userIds: readonly string[]) =>
    turns(plan.settings.tenantId, isMine, () => writeUsers(plan, userIds, { ...dependencies, outcome }));
  const first = await write([...plan.users.keys()]);
  if (!first) return null;
  const userIds = [...first.toRead.map((id) => id.slice(id.indexOf('/') + 1)), ...enteredUnread(plan, first)];
  if (userIds.length === 0) return first;
  await read(plan, userIds, { ...dependencies, outcome, membership: true });
  const readable = userIds.filter((userId) => outcome.read.has(userId));
  const second = readable.length === 0 ? null : await write(readable);
  return second ? merge(first, second) : first;
}

/** Who came back by a membership alone: what is known of the person is old, or was purged. */
const enteredUnread = ({ users }: TenantPlan, { changes }: Outcome): string[] =>
  [...changes.values()]
    .filter(({ type, subject }) => ENTERING.has(type) && !users.get(subject)?.some(({ user }) => user))
    .map(({ subject }) => subject);

const merge = (first: Outcome, second: Outcome): Outcome => ({
  changes: new Map<string, DirectoryChange>([...first.changes, ...second.changes]),
  toRead: second.toRead,
  ignored: first.ignored + second.ignored,
  touched: first.touched + second.touched,
  refused: first.refused + second.refused,
  leftovers: first.leftovers + second.leftovers,
  writtenAt: second.writtenAt,
  publishedAt: second.publishedAt,
});

async function writeUsers(
  plan: TenantPlan,
  userIds: readonly string[],
  dependencies: TenantDependencies & { outcome: TenantOutcome },
): Promise<Outcome> {
  const { store, publisher, now, gate, takenAt, integrations, outcome } = dependencies;
  const scope = await toNewest(plan.settings, integrations);
  const { users, named } = plan;
  const seenById = new Map(userIds.map((userId) => [toPersonKey(scope.tenantId, userId), users.get(userId) ?? []]));
  const removals = new Map<string, RemovalCandidate>();
  const toDecision = (verdict: UserVerdict): Decision<UserDocument, UserFacts> => {
    if (verdict.kind !== 'write') return verdict;
    const { document, facts, change, changed } = verdict;
    const { userId } = document;
    const readAt = outcome.read.has(userId) ? outcome.readAt : null;
    const way = toChangeWay(named.get(userId) ?? [], users.get(userId) ?? [], { takenAt, readAt });
    return { kind: 'write', document, facts, pending: toUserChangeEvent(document, change, changed, way) };
  };
  return writeProjected({
    collection: store.users satisfies UsersStore,
    ids: [...seenById.keys()],
    publisher,
    now,
    decide: (id, known, kept = false) => {
      const seen = seenById.get(id) ?? [];
      const project = (left: readonly SeenUser[]) => projectUser({ known, seen: left, scope, now: now() });
      const verdict = project(kept ? withoutRemoval(seen) : seen);
      if (verdict.kind !== 'write' || verdict.removes === null || seen.some(({ isAllowed }) => isAllowed))
        return toDecision(verdict);
      if (kept) {
        const noted = project(asNotified(seen));
        return noted.kind === 'touch' ? noted : { kind: 'ignore' };
      }
      removals.set(id, { userId: verdict.document.userId, why: verdict.removes });
      return { ...toDecision(verdict), removes: true };
    },
    holdBack: async (ids) => {
      const candidates = ids.flatMap((id) => removals.get(id) ?? []);
      const kept = await gate(scope, candidates);
      if (kept.size > 0) plan.sweep ??= 'removals are too many at once: they wait for an admin';
      return new Set([...kept].map((userId) => toPersonKey(scope.tenantId, userId)));
    },
  });
}

/** Who was read on entering scope gets an MFA row at once; a first load waits for the report. Failures never block. */
async function readMfaOfEntered(
  plan: TenantPlan,
  { reader, isMine }: TenantDependencies,
  outcome: TenantOutcome,
): Promise<void> {
  if (!plan.settings.features.mfaVerification || plan.settings.state !== 'active' || !isMine()) return;
  const entered = [...(outcome.users?.changes.values() ?? [])]
    .filter(({ type, subject }) => ENTERING.has(type) && (outcome.read.has(subject) || isFollowed(plan, subject)))
    .map(({ subject }) => subject);
  if (entered.length === 0) return;
  for (const seen of await reader.readMfa(plan.settings, entered)) append(plan.mfa, seen.userId, seen);
}

/** Told by the changes of people or group, not by a full read, which brings many at once. */
const isFollowed = ({ users }: TenantPlan, userId: string): boolean =>
  users.get(userId)?.some(({ source }) => source === 'delta') ?? false;

async function projectMfaRows(plan: TenantPlan, dependencies: TenantDependencies): Promise<Outcome> {
  const { settings: scope, mfa } = plan;
  const { store, publisher, now, takenAt } = dependencies;
  const seenById = new Map([...mfa].map(([userId, seen]) => [toPersonKey(scope.tenantId, userId), seen]));
  const ids = [...seenById.keys()];
  const users = scope.features.userSync ? await store.users.load(ids) : null;
  const mayKeep = (id: string): boolean => mayKeepMfa(scope, users?.get(id)?.document ?? null);
  return writeProjected({
    collection: store.mfa satisfies MfaStore,
    ids,
    publisher,
    now,
    decide: (id, known) => {
      const seen = mfaToTake(seenById.get(id) ?? [], { mayKeep: mayKeep(id), isKnown: known !== null });
      const verdict = projectMfa({ known, seen, scope, now: now() });
      if (verdict.kind !== 'write') return verdict;
      const { document, facts, changed } = verdict;
      const way = toChangeWay([], seen, { takenAt, readAt: null });
      return { kind: 'write', document, facts, pending: toMfaChangeEvent(document, changed, way) };
    },
  });
}
