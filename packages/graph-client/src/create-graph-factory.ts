import { createHash } from 'node:crypto';
import { Failure, isFailure, USER_SELECT, type DirectoryUser, type MfaRegistration } from '@muster/contracts';
import type { Metrics, Logger } from '@muster/telemetry';
import { createAppToken, readPermissions, type AccessToken } from './msal-app-token.js';
import { createDelegatedToken } from './msal-delegated-token.js';
import { createClockSkew, type ClockSkew } from './clock-skew.js';
import { groupDeltaPages, userDeltaPages } from './delta.js';
import type { Graph, GraphCredentials, GraphFactory, GroupMember } from './graph.js';
import { createTransport, type Transport, type TransportOptions } from './microsoft-graph.js';
import { readPages } from './pages.js';
import { readUsers } from './read-users.js';
import { createSubscription, deleteSubscription, listSubscriptions, renewSubscription } from './subscriptions.js';
import { toDirectoryUser } from './to-directory-user.js';
import { toMfaRegistration } from './to-mfa-registration.js';
import { createWindowLimiter } from './window-limiter.js';

const MFA_REPORT = '/reports/authenticationMethods/userRegistrationDetails';
/** `$count` and casts are served from an index that needs this header. */
const EVENTUAL = { ConsistencyLevel: 'eventual' };
/** Identity and access reports: 5 requests per 10 s for an app in a tenant; a little slower, for clocks differ. */
const REPORT_LIMIT = { limit: 5, perMs: 10_200 };

const TIMEOUT_MS = 30_000;

export type GraphFactoryOptions = {
  logger: Logger;
  metrics?: Metrics;
  /** For one request or sign-in, ms. */
  timeoutMs?: number;
};

/** Outlives the secret: Graph counts by app and tenant. */
type Shared = { skew: ClockSkew; reportReady: () => Promise<void> };

/** Keeps one Graph per tenant, app and secret: tokens, clock skew and limits are shared by all who ask. */
export function createGraphFactory({ logger, metrics, timeoutMs = TIMEOUT_MS }: GraphFactoryOptions): GraphFactory {
  const kept = new Map<string, { key: string; graph: Graph; shared: Shared }>();
  const seconds = metrics?.histogram('muster_graph_request_seconds', 'Requests to Graph.', ['method', 'status']);
  const onAnswer = (answer: { method: string; status: number; seconds: number }): void => {
    seconds?.observe({ method: answer.method, status: String(answer.status) }, answer.seconds);
    logger.trace(answer, 'graph answered');
  };
  return (credentials) => {
    const name = [credentials.graphUrl, credentials.tenantId, credentials.clientId].join(' ');
    const key = toKey(credentials);
    const held = kept.get(name);
    if (held?.key === key) return held.graph;
    const shared = held?.shared ?? { skew: createClockSkew(), reportReady: createWindowLimiter(REPORT_LIMIT) };
    const graph = createGraph(credentials, shared, { onAnswer, timeoutMs });
    kept.set(name, { key, graph, shared });
    return graph;
  };
}

/** Which token it works with; as a hash, since secrets are part of it. */
function toKey({ loginUrl, delegated, ...credentials }: GraphCredentials): string {
  const proof = 'certificate' in credentials ? credentials.certificate.thumbprintSha256 : credentials.clientSecret;
  return createHash('sha256')
    .update(JSON.stringify([loginUrl, proof, delegated?.id ?? null]))
    .digest('hex');
}

const createToken = (credentials: GraphCredentials, timeoutMs: number): AccessToken =>
  credentials.delegated
    ? createDelegatedToken(credentials, credentials.delegated, { timeoutMs })
    : createAppToken(credentials, timeoutMs);

type Calling = Required<Pick<TransportOptions, 'onAnswer' | 'timeoutMs'>>;

function createGraph(credentials: GraphCredentials, { skew, reportReady }: Shared, calling: Calling): Graph {
  const { graphUrl } = credentials;
  const token = createToken(credentials, calling.timeoutMs);
  const transport = createTransport({ graphUrl, acquireToken: token.acquire, skew, ...calling });
  return {
    readUsers: (userIds, options) => readUsers(transport, userIds, options),
    userPages: ({ resumeFrom, pageSize = 999 } = {}) =>
      readPages<DirectoryUser>({
        transport,
        from: resumeFrom ?? `/users?$select=${USER_SELECT}&$top=${pageSize}`,
        what: 'list people',
        toRow: toDirectoryUser,
      }),
    countUsers: () => countUsers(transport),
    memberPages: (groupId) =>
      readPages<GroupMember>({
        transport,
        from: `/groups/${groupId}/members?$select=id&$top=999`,
        what: 'list members of a group',
        toRow: toGroupMember,
      }),
    readGroup: (groupId) => readGroup(transport, groupId),
    mfaPages: ({ resumeFrom, pageSize = 999 } = {}) =>
      readPages<MfaRegistration>({
        transport,
        from: resumeFrom ?? `${MFA_REPORT}?$top=${pageSize}`,
        what: 'read the MFA report',
        toRow: toMfaRegistration,
        ready: reportReady,
      }),
    userDeltaPages: (options) => userDeltaPages(transport, options),
    groupDeltaPages: (options) => groupDeltaPages(transport, options),
    readMfa: async (userId) => {
      await reportReady();
      return readMfa(transport, userId, skew);
    },
    createSubscription: (wanted) => createSubscription(transport, wanted),
    renewSubscription: (subscriptionId, expiresAt) => renewSubscription(transport, subscriptionId, expiresAt),
    deleteSubscription: (subscriptionId) => deleteSubscription(transport, subscriptionId),
    listSubscriptions: () => listSubscriptions(transport),
    signIn: async () => ({ permissions: readPermissions(await token.acquire({ fresh: true })) }),
    clockSkewMs: () => skew.value(),
  };
}

async function countUsers(transport: Transport): Promise<number> {
  const what = 'count people';
  const { body } = await transport({
    method: 'GET',
    path: '/users?$select=id&$top=1&$count=true',
    headers: EVENTUAL,
    what,
  });
  const count = (body as { '@odata.count'?: unknown } | null)?.['@odata.count'];
  if (typeof count !== 'number') throw new Failure('graph.malformed', `${what}: no count came`, { retryable: true });
  return count;
}

/** People and nested groups; devices, contacts and service principals are none of our business. */
function toGroupMember(row: unknown): GroupMember | null | 'skip' {
  const { id, '@odata.type': type } = (row ?? {}) as { id?: unknown; '@odata.type'?: unknown };
  if (typeof id !== 'string' || typeof type !== 'string') return null;
  if (/\.user$/i.test(type)) return { id: id.toLowerCase(), kind: 'user' };
  return /\.group$/i.test(type) ? { id: id.toLowerCase(), kind: 'group' } : 'skip';
}

async function readGroup(transport: Transport, groupId: string): ReturnType<Graph['readGroup']> {
  const path = `/groups/${groupId}?$select=id,displayName`;
  const answer = await orNull(transport({ method: 'GET', path, what: 'read the group' }));
  if (!answer) return null;
  const { displayName } = (answer.body ?? {}) as { displayName?: unknown };
  return { groupId, displayName: typeof displayName === 'string' ? displayName : null };
}

async function readMfa(transport: Transport, userId: string, skew: ClockSkew): ReturnType<Graph['readMfa']> {
  const askedAt = new Date(Date.now() - (skew.value() ?? 0)).toISOString();
  const what = "read a person's MFA row";
  const answer = await orNull(transport({ method: 'GET', path: `${MFA_REPORT}/${userId}`, what }));
  if (!answer) return { row: null, observedAt: askedAt };
  const row = toMfaRegistration(answer.body);
  if (!row) throw new Failure('graph.malformed', `${what}: the answer cannot be read`, { retryable: true });
  return { row, observedAt: answer.observedAt };
}

/** Not found is an answer here. */
async function orNull<T>(asking: Promise<T>): Promise<T | null> {
  try {
    return await asking;
  } catch (error) {
    if (isFailure(error) && error.code === 'graph.not-found') return null;
    throw error;
  }
}
