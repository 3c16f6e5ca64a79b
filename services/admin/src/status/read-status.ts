import {
  isFailure,
  PROJECTED_TOPICS,
  PROJECTOR_GROUPS,
  type IntegrationSettings,
  type UserStatus,
} from '@muster/contracts';
import type { EventLog } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import { listIntegrations, type Principal } from '../keys/principal.js';
import { toLoss } from '../plans/plan-schemas.js';
import { observeMoves, toBacklog, type Moves } from './domain/backlog.js';
import { toPipelineView, type PipelineFacts, type PipelineView } from './domain/pipeline-view.js';
import {
  toIntegrationStatus,
  toVerdictFacts,
  type IntegrationFacts,
  type IntegrationStatus,
  type ProofFacts,
  type SharedFacts,
} from './domain/status-view.js';
import { toVerdict, type VerdictView } from './domain/verdict.js';
import type { StatusView } from './status-schemas.js';

const WINDOW_MS = 15 * 60_000;
/** For the alert of silence. */
const RECENT_MS = 30 * 60_000;
const LOSS_WINDOW_MS = 24 * 60 * 60_000;
/** Many pages may watch at once; they share one read of this age. */
const SHARED_FOR_MS = 1_000;
/** A page that waits for Kafka helps nobody. */
const LOG_LIMIT_MS = 3_000;
const ANY_STATE = ['running', 'published', 'complete', 'failed'] as const;

export type ReadStatus = (principal: Principal) => Promise<StatusView>;
/** The verdict alone, which costs less than the whole status. */
export type ReadVerdict = (settings: IntegrationSettings) => Promise<VerdictView>;
export type StatusReader = { readStatus: ReadStatus; readVerdict: ReadVerdict };

export type StatusOptions = { store: Store; eventLog: Pick<EventLog, 'lag' | 'oldestWaiting'>; now: Now };

/** Pages and gate ask the same reader, so that they cannot disagree about what is fresh. */
export function createStatusReader({ store, eventLog, now }: StatusOptions): StatusReader {
  let moves: Moves = new Map();
  type Asked = { settings: IntegrationSettings; common: SharedFacts };
  const readIntegration = shared(now, async ({ settings, common }: Asked): Promise<IntegrationStatus> => {
    return toIntegrationStatus(await readFacts(store, settings, now()), common, now());
  });
  const readLog = shared(now, async () => {
    const read = await readLogFacts({ store, eventLog, moves, now: now() });
    if ('moves' in read) ({ moves } = read);
    return read;
  });

  const readPipeline = async (anyActive: boolean) => {
    const [canaries, log] = await Promise.all([store.lag.canaries(), readLog('log', undefined)]);
    return toPipelineView({ canaries, log, anyActive }, now());
  };
  return {
    readStatus: async (principal) => {
      const settings = await listIntegrations(store.integrations, principal);
      const pipeline = await readPipeline(settings.some(({ state }) => state === 'active'));
      const common = toShared(pipeline);
      const integrations = await Promise.all(
        settings.map((one) => readIntegration(`${one.integrationId}/${one.revision}`, { settings: one, common })),
      );
      return { at: now().toISOString(), integrations, pipeline };
    },
    readVerdict: async (settings) => {
      const [proof, pipeline] = await Promise.all([readProof(store, settings, now()), readPipeline(true)]);
      return toVerdict(toVerdictFacts(proof, toShared(pipeline)), now());
    },
  };
}

const toShared = ({ canaries: { partitions, seen }, projector }: PipelineView): SharedFacts => ({
  canaries: { partitions, agesMs: seen.map(({ ageMs }) => ageMs) },
  backlog: projector,
});

async function readProof(store: Store, settings: IntegrationSettings, now: Date): Promise<ProofFacts> {
  const { integrationId } = settings;
  const { snapshots } = store;
  const [subscriptions, users, mfa, usersComplete, mfaComplete, lag, usersCursor, groupCursor] = await Promise.all([
    store.subscriptions.ofIntegration(integrationId),
    snapshots.last(integrationId, 'users', ANY_STATE),
    snapshots.last(integrationId, 'mfa', ANY_STATE),
    snapshots.last(integrationId, 'users', ['complete']),
    snapshots.last(integrationId, 'mfa', ['complete']),
    store.lag.sum(integrationId, new Date(now.getTime() - WINDOW_MS)),
    store.cursors.get(integrationId, 'users'),
    store.cursors.get(integrationId, 'group'),
  ]);
  return {
    settings,
    subscriptions,
    cursors: [usersCursor, groupCursor].flatMap((cursor) => cursor ?? []),
    snapshots: { users, mfa },
    complete: { users: usersComplete, mfa: mfaComplete },
    lag,
  };
}

async function readFacts(store: Store, settings: IntegrationSettings, now: Date): Promise<IntegrationFacts> {
  const { tenantId, integrationId, groupId } = settings;
  const count = (status: UserStatus) => store.users.count({ tenantId, status });
  const countInGroup = (status: UserStatus) => store.users.count({ tenantId, status, inGroup: true });
  const [
    proof,
    active,
    disabled,
    deleted,
    outOfScope,
    activeInGroup,
    disabledInGroup,
    mfa,
    sweeps,
    plansWaiting,
    health,
  ] = await Promise.all([
    readProof(store, settings, now),
    count('active'),
    count('disabled'),
    count('deleted'),
    count('out-of-scope'),
    countInGroup('active'),
    countInGroup('disabled'),
    store.mfa.countByState(tenantId),
    store.coverage.since(integrationId, new Date(now.getTime() - LOSS_WINDOW_MS).toISOString()),
    store.plans.count({ integrationId, groupId, state: 'waiting' }),
    store.tenantHealth.ofIntegration(integrationId),
  ]);
  return {
    ...proof,
    people: {
      active,
      disabled,
      deleted,
      'out-of-scope': outOfScope,
      inGroup: activeInGroup + disabledInGroup,
      ssoEnabled: groupId === null ? active : activeInGroup,
    },
    mfa,
    loss: toLoss(sweeps),
    lostRecently: toLoss(sweeps.filter(({ to }) => Date.parse(to) > now.getTime() - RECENT_MS)).lost,
    plansWaiting,
    health,
  };
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
    const answer = await within(LOG_LIMIT_MS, read);
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

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One read for all who ask within the time; failures are not kept. */
function shared<A, T>(now: Now, read: (argument: A) => Promise<T>): (key: string, argument: A) => Promise<T> {
  const kept = new Map<string, { at: number; value: Promise<T> }>();
  return (key, argument) => {
    const at = now().getTime();
    for (const [old, entry] of kept) if (at - entry.at >= SHARED_FOR_MS) kept.delete(old);
    const fresh = kept.get(key);
    if (fresh) return fresh.value;
    const value = read(argument);
    kept.set(key, { at, value });
    value.catch(() => kept.delete(key));
    return value;
  };
}
