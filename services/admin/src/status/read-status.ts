import {
  isFailure,
  PROJECTED_TOPICS,
  PROJECTOR_GROUPS,
  type IntegrationSettings,
  type SnapshotKind,
  type SnapshotRecord,
  type UserStatus,
} from '@muster/contracts';
import type { EventLog } from '@muster/event-log';
import { within, type Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import pLimit from 'p-limit';
import { listIntegrations, toShownTenant, type Principal } from '../keys/principal.js';
import { toLoss } from '../plans/plan-schemas.js';
import { observeMoves, toBacklog, type Moves } from './domain/backlog.js';
import { toPipelineView, type PipelineFacts, type PipelineView } from './domain/pipeline-view.js';
import {
  toCountsView,
  toIntegrationCondition,
  toVerdictFacts,
  type CountsView,
  type IntegrationCondition,
  type IntegrationFacts,
  type ProofFacts,
  type SharedFacts,
} from './domain/status-view.js';
import { toVerdict, type VerdictView } from './domain/verdict.js';
import { createRecentSweeps } from './recent-sweeps.js';
import type { StatusView } from './status-schemas.js';

const WINDOW_MS = 15 * 60_000;
/** For the alert of silence. */
const RECENT_MS = 30 * 60_000;
const LOSS_WINDOW_MS = 24 * 60 * 60_000;
/** Many pages may watch at once; they share one read of this age. */
const SHARED_FOR_MS = 1_000;
/** A page that waits for Kafka helps nobody. */
const LOG_LIMIT_MS = 3_000;
/** Integrations, whoever asks: hundreds read side by side would hold up what the pipeline writes. */
export const READ_AT_ONCE = 4;
const COUNTED_AT_ONCE = 2;
const ANY_STATE = ['running', 'published', 'complete', 'failed'] as const;
/** Holds the last reads of both kinds, mostly. */
const NEWEST_READS = 5;

export type ReadStatus = (principal: Principal) => Promise<StatusView>;
/** The status without counts of people, which cost most. */
export type ReadCondition = (principal: Principal) => Promise<ConditionView>;
export type ConditionView = Omit<StatusView, 'integrations'> & { integrations: IntegrationCondition[] };
/** The verdict on the documents alone, which costs less than the whole status: may they say who enters? */
export type ReadVerdict = (settings: IntegrationSettings) => Promise<VerdictView>;
export type StatusReader = { readStatus: ReadStatus; readCondition: ReadCondition; readVerdict: ReadVerdict };

export type StatusOptions = { store: Store; eventLog: Pick<EventLog, 'lag' | 'oldestWaiting'>; now: Now };

/** Pages, alerts and gate ask the same reader, so that they cannot disagree about what is fresh. */
export function createStatusReader({ store, eventLog, now }: StatusOptions): StatusReader {
  let moves: Moves = new Map();
  const reading = pLimit(READ_AT_ONCE);
  // Of their own: alerts, which count nobody, wait for no page that does.
  const counting = pLimit(COUNTED_AT_ONCE);
  const recentSweeps = createRecentSweeps(store.coverage);
  const factsOf = shared(now, (settings: IntegrationSettings) =>
    reading(() => readFacts({ store, recentSweeps }, settings, now())),
  );
  const countsOf = shared(now, (settings: IntegrationSettings) => counting(() => readCounts(store, settings)));
  const readLog = shared(now, async () => {
    const read = await readLogFacts({ store, eventLog, moves, now: now() });
    if ('moves' in read) ({ moves } = read);
    return read;
  });
  const readCanaries = shared(now, () => store.lag.canaries());

  const readPipeline = async (anyActive: boolean) => {
    const [canaries, log] = await Promise.all([readCanaries('canaries', undefined), readLog('log', undefined)]);
    return toPipelineView({ canaries, log, anyActive }, now());
  };
  const judge = async (settings: readonly IntegrationSettings[]): Promise<ConditionView> => {
    const facts = await Promise.all(settings.map((one) => factsOf(toKey(one), one)));
    // After all that may take long: what is judged fresh is of the same moment for everybody.
    const pipeline = await readPipeline(settings.some(({ state }) => state === 'active'));
    const common = toShared(pipeline);
    const integrations = facts.map((one) => toIntegrationCondition(one, common, now()));
    return { at: now().toISOString(), integrations, pipeline };
  };
  return {
    readCondition: async (principal) => judge(await listIntegrations(store.integrations, principal)),
    readStatus: async (principal) => {
      const settings = await listIntegrations(store.integrations, principal);
      const counted = Promise.all(settings.map((one) => countsOf(toKey(one), one)));
      const [condition, counts] = await Promise.all([judge(settings), counted]);
      const integrations = condition.integrations.flatMap((one, index) => {
        const its = counts[index];
        return its ? [{ ...one, ...its }] : [];
      });
      return { ...condition, integrations };
    },
    readVerdict: async (settings) => {
      const [proof, pipeline] = await Promise.all([readProof(store, settings, now()), readPipeline(true)]);
      // Of the documents: after the group was deleted they keep who is in, on purpose, and Microsoft would say that nobody is.
      const facts = { ...toVerdictFacts(proof, toShared(pipeline), now()), isGroupGone: false };
      return toVerdict(facts, now());
    },
  };
}

const toKey = ({ integrationId, revision }: IntegrationSettings): string => `${integrationId}/${revision}`;

const toShared = ({ canaries: { partitions, seen }, projector }: PipelineView): SharedFacts => ({
  canaries: { partitions, agesMs: seen.map(({ ageMs }) => ageMs) },
  backlog: projector,
});

async function readProof(store: Store, settings: IntegrationSettings, now: Date): Promise<ProofFacts> {
  const { integrationId } = settings;
  const [subscriptions, reads, lag, cursors, health] = await Promise.all([
    store.subscriptions.ofIntegration(integrationId),
    readLastReads(store, integrationId),
    store.lag.sum(integrationId, new Date(now.getTime() - WINDOW_MS)),
    store.cursors.ofIntegration(integrationId),
    store.tenantHealth.ofIntegration(integrationId),
  ]);
  const takenAt = cursors.find(({ kind }) => kind === 'users')?.takenAt;
  const left = takenAt === undefined ? null : await store.announced.oldest(integrationId, new Date(takenAt));
  return { settings, subscriptions, health, leftAt: left?.toISOString() ?? null, cursors, ...reads, lag };
}

/** The last of each kind, and the last complete one. One question where nothing failed of late. */
async function readLastReads(
  { snapshots }: Pick<Store, 'snapshots'>,
  integrationId: string,
): Promise<Pick<ProofFacts, 'snapshots' | 'complete'>> {
  const newest = await snapshots.newest(integrationId, NEWEST_READS);
  const last = (kind: SnapshotKind, states: readonly SnapshotRecord['state'][]): Promise<SnapshotRecord | null> => {
    const found = newest.find((one) => one.kind === kind && states.includes(one.state));
    if (found || newest.length < NEWEST_READS) return Promise.resolve(found ?? null);
    return snapshots.last(integrationId, kind, states);
  };
  const [users, mfa, usersComplete, mfaComplete] = await Promise.all([
    last('users', ANY_STATE),
    last('mfa', ANY_STATE),
    last('users', ['complete']),
    last('mfa', ['complete']),
  ]);
  return { snapshots: { users, mfa }, complete: { users: usersComplete, mfa: mfaComplete } };
}

type FactsSources = { store: Store; recentSweeps: ReturnType<typeof createRecentSweeps> };

async function readFacts(
  { store, recentSweeps }: FactsSources,
  settings: IntegrationSettings,
  now: Date,
): Promise<IntegrationFacts> {
  const { integrationId, groupId } = settings;
  const [proof, sweeps, plansWaiting] = await Promise.all([
    readProof(store, settings, now),
    recentSweeps(integrationId, new Date(now.getTime() - LOSS_WINDOW_MS).toISOString()),
    store.plans.count({ integrationId, groupId, state: 'waiting' }),
  ]);
  return {
    ...proof,
    loss: toLoss(sweeps),
    lostRecently: toLoss(sweeps.filter(({ to }) => Date.parse(to) > now.getTime() - RECENT_MS)).lost,
    plansWaiting,
  };
}

async function readCounts(
  store: Pick<Store, 'users' | 'mfa'>,
  settings: Pick<IntegrationSettings, 'tenantId' | 'groupId' | 'state'>,
): Promise<CountsView> {
  const { groupId } = settings;
  const tenantId = toShownTenant(settings);
  const count = (status: UserStatus) => store.users.count({ tenantId, status });
  const countInGroup = (status: UserStatus) => store.users.count({ tenantId, status, inGroup: true });
  const [active, disabled, deleted, outOfScope, activeInGroup, disabledInGroup, mfa] = await Promise.all([
    count('active'),
    count('disabled'),
    count('deleted'),
    count('out-of-scope'),
    countInGroup('active'),
    countInGroup('disabled'),
    store.mfa.countByState(tenantId),
  ]);
  const inGroup = activeInGroup + disabledInGroup;
  const ssoEnabled = groupId === null ? active : activeInGroup;
  return toCountsView({ active, disabled, deleted, 'out-of-scope': outOfScope, inGroup, ssoEnabled }, mfa);
}

/** Kafka away is a fact to show, not a reason to show nothing. */
async function readLogFacts({
  store,
  eventLog,
  moves: before,
  now,
}: Omit<StatusOptions, 'now'> & { moves: Moves; now: Date }): Promise<PipelineFacts['log'] & { moves?: Moves }> {
  try {
    const read = Promise.all([
      Promise.all(PROJECTED_TOPICS.map((topic) => eventLog.oldestWaiting(PROJECTOR_GROUPS[topic], [topic]))),
      readDeadLetters(store, eventLog),
    ]);
    const answer = await within(read, LOG_LIMIT_MS, () => null);
    if (answer === null) return { unavailable: `no answer within ${LOG_LIMIT_MS} ms` };
    const [all, dead] = answer;
    const waiting = all.flat();
    const moves = observeMoves(before, waiting, now.getTime());
    return {
      backlog: toBacklog(moves, waiting, now.getTime()),
      topics: PROJECTED_TOPICS,
      moves,
      ...dead,
    };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { unavailable: error.message };
  }
}

/** Both are of what Kafka keeps now, whatever the time: a letter that it has deleted is neither kept nor replayed. */
async function readDeadLetters(
  store: Pick<Store, 'replays'>,
  eventLog: Pick<EventLog, 'lag'>,
): Promise<{ deadLetters: number; replayed: number }> {
  // A group that never commits: what it lags behind is all that is kept.
  const partitions = await eventLog.lag('muster.admin', ['deadLetters']);
  const replays = partitions.map(({ partition, endOffset, lag }) =>
    store.replays.count({ partition, from: Number(endOffset) - lag }),
  );
  const replayed = await Promise.all(replays);
  return {
    deadLetters: partitions.reduce((sum, { lag }) => sum + lag, 0),
    replayed: replayed.reduce((sum, count) => sum + count, 0),
  };
}

/** One read for all who ask while it is under way and for a moment after; failures are not kept. */
function shared<A, T>(now: Now, read: (argument: A) => Promise<T>): (key: string, argument: A) => Promise<T> {
  const kept = new Map<string, { endedAt: number | null; value: Promise<T> }>();
  return (key, argument) => {
    const at = now().getTime();
    for (const [old, { endedAt }] of kept)
      if (endedAt !== null && Math.abs(at - endedAt) >= SHARED_FOR_MS) kept.delete(old);
    const fresh = kept.get(key);
    if (fresh) return fresh.value;
    const entry: { endedAt: number | null; value: Promise<T> } = { endedAt: null, value: read(argument) };
    kept.set(key, entry);
    entry.value.then(
      () => void (entry.endedAt = now().getTime()),
      () => void kept.delete(key),
    );
    return entry.value;
  };
}
