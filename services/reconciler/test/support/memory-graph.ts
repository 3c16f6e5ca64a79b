import { Failure, type DirectoryUser, type MfaRegistration } from '@muster/contracts';
import type { DeltaGroup, DeltaPage, DeltaUser, Graph, GraphPage, GroupMember, ReadUser } from '@muster/graph-client';

/** A tenant in memory behind the port; a test changes it, and says which page fails. */
export type MemoryGraph = {
  graph: Graph;
  users: Map<string, DirectoryUser>;
  /** Direct members by group id. */
  groups: Map<string, GroupMember[]>;
  report: Map<string, MfaRegistration>;
  /** In front of each page (1 is the first of a walk from its start); throws to fail it. */
  beforePage: (page: number) => Promise<void> | void;
  /** Rows of a page that are no rows. */
  malformed: number;
  /** What `/users` and `$count` leave out, as a lagging replica does. */
  hidden: Set<string>;
  /** Links that were resumed from. */
  resumed: string[];
  /** Batches of ids that were read. */
  readById: string[][];
  /** What delta tells, in order; a token is how much of it was told. */
  userLog: DeltaUser[];
  groupLog: DeltaGroup[];
  /** In front of each page of a delta; throws to fail it. */
  beforeDelta: (from: string | undefined) => void;
};

const LINK = 'https://graph.test/next?page=';

export function createMemoryGraph({ pageSize = 10, now = () => new Date() } = {}): MemoryGraph {
  const notUsed = (): Promise<never> => Promise.reject(new Error('the reconciler does not do this'));
  const listed = (): DirectoryUser[] => [...tenant.users.values()].filter(({ userId }) => !tenant.hidden.has(userId));

  async function* walk<T>(rows: readonly T[], resumeFrom?: string): AsyncGenerator<GraphPage<T>> {
    if (resumeFrom !== undefined) tenant.resumed.push(resumeFrom);
    const last = Math.max(1, Math.ceil(rows.length / pageSize));
    for (let page = resumeFrom === undefined ? 1 : Number(resumeFrom.slice(LINK.length)); page <= last; page += 1) {
      const observedAt = now().toISOString();
      await tenant.beforePage(page);
      yield {
        rows: rows.slice((page - 1) * pageSize, page * pageSize),
        malformed: tenant.malformed,
        nextLink: page < last ? `${LINK}${page + 1}` : null,
        observedAt,
      };
    }
  }
  async function* members(groupId: string): AsyncGenerator<GraphPage<GroupMember>> {
    await Promise.resolve();
    yield { rows: tenant.groups.get(groupId) ?? [], malformed: 0, nextLink: null, observedAt: now().toISOString() };
  }
  async function* delta<T>(
    log: readonly T[],
    { from, latest = false }: { from?: string | undefined; latest?: boolean } = {},
  ): AsyncGenerator<DeltaPage<T>> {
    await Promise.resolve();
    tenant.beforeDelta(from);
    const rows = latest ? [] : log.slice(from === undefined ? 0 : Number(from.slice(LINK.length)));
    const deltaLink = `${LINK}${log.length}`;
    yield { rows, malformed: 0, nextLink: null, deltaLink, observedAt: now().toISOString() };
  }
  const isIn = (groupId: string, userId: string, seen = new Set<string>()): boolean =>
    !seen.has(groupId) &&
    (tenant.groups.get(groupId) ?? []).some(({ id, kind }) =>
      kind === 'user' ? id === userId : isIn(id, userId, seen.add(groupId)),
    );
  const readUser = (userId: string, groupId: string | null): ReadUser => {
    const user = tenant.users.get(userId);
    const observedAt = now().toISOString();
    if (!user) return { userId, observedAt, found: 'no', removed: 'soft' };
    return { userId, observedAt, found: 'yes', user, inGroup: groupId === null ? null : isIn(groupId, userId) };
  };

  const graph: Graph = {
    readUsers: (userIds, options) => {
      tenant.readById.push([...userIds]);
      return Promise.resolve(userIds.map((userId) => readUser(userId, options?.groupId ?? null)));
    },
    userPages: (options) => walk(listed(), options?.resumeFrom),
    countUsers: () => Promise.resolve(listed().length),
    memberPages: members,
    readGroup: (groupId) =>
      Promise.resolve(tenant.groups.has(groupId) ? { groupId, displayName: `group ${groupId.slice(-4)}` } : null),
    groupPeoplePages: () => {
      throw new Error('the reconciler does not do this');
    },
    countNestedGroups: notUsed,
    mfaPages: (options) => walk([...tenant.report.values()], options?.resumeFrom),
    userDeltaPages: (options) => delta(tenant.userLog, options),
    groupDeltaPages: (options) => delta(tenant.groupLog, options),
    readMfa: notUsed,
    forecast: (_, { pages }) => pages * 2_000,
    createSubscription: notUsed,
    renewSubscription: notUsed,
    deleteSubscription: notUsed,
    readSubscription: notUsed,
    listSubscriptions: notUsed,
    signIn: notUsed,
    clockSkewMs: () => 0,
  };
  const tenant: MemoryGraph = {
    graph,
    users: new Map(),
    groups: new Map(),
    report: new Map(),
    beforePage: () => undefined,
    malformed: 0,
    hidden: new Set(),
    resumed: [],
    readById: [],
    userLog: [],
    groupLog: [],
    beforeDelta: () => undefined,
  };
  return tenant;
}

export const unavailable = (retryAfterMs?: number): Failure =>
  new Failure('graph.unavailable', 'Graph answered 503.', { retryable: true, retryAfterMs });
export const noLicence = (): Failure =>
  new Failure('graph.no-licence', 'The tenant has no premium licence.', { retryable: false });
