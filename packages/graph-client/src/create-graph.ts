import { guid, Failure, isFailure, USER_SELECT, type DirectoryUser, type MfaRegistration } from '@muster/contracts';
import type { ClockSkew } from './clock-skew.js';
import { groupDeltaPages, userDeltaPages } from './delta.js';
import { countNestedGroups, EVENTUAL, groupPeoplePages } from './group-people.js';
import { forecastRead } from './domain/forecast.js';
import type { FullRead, Graph, GroupMember } from './graph.js';
import type { Guard } from './guard.js';
import type { Transport } from './microsoft-graph.js';
import { readPermissions, type AccessToken } from './msal-app-token.js';
import { readPages } from './pages.js';
import { readUsers } from './read-users.js';
import {
  createSubscription,
  deleteSubscription,
  readSubscription,
  listSubscriptions,
  renewSubscription,
} from './subscriptions.js';
import { toDirectoryUser } from './to-directory-user.js';
import { toMfaRegistration } from './to-mfa-registration.js';

const MFA_REPORT = '/reports/authenticationMethods/userRegistrationDetails';

const FIRST_PAGE: Record<FullRead, (pageSize: number) => string> = {
  users: (pageSize) => `/users?$select=${USER_SELECT}&$top=${pageSize}`,
  mfa: (pageSize) => `${MFA_REPORT}?$top=${pageSize}`,
};

export type GraphParts = {
  token: AccessToken;
  guard: Guard;
  skew: ClockSkew;
  /** How many people the tenant has, once known: Graph allows larger ones more. */
  onSize: (people: number) => void;
};

/** The port over the transport; each call in its lane. */
export function createGraph({ token, guard, skew, onSize }: GraphParts): Graph {
  const [events, delta, full] = [guard.of('events'), guard.of('delta'), guard.of('full')];
  return {
    readUsers: (userIds, options) => readUsers(events, userIds, options),
    userPages: ({ resumeFrom, pageSize = 999 } = {}) =>
      readPages<DirectoryUser>({
        transport: full,
        from: resumeFrom ?? FIRST_PAGE.users(pageSize),
        what: 'list people',
        toRow: toDirectoryUser,
      }),
    countUsers: async () => {
      const count = await countUsers(full);
      onSize(count);
      return count;
    },
    memberPages: (groupId) =>
      readPages<GroupMember>({
        transport: full,
        from: `/groups/${groupId}/members?$select=id&$top=999`,
        what: 'list members of a group',
        toRow: toGroupMember,
      }),
    readGroup: (groupId) => readGroup(delta, groupId),
    groupPeoplePages: (groupId) => groupPeoplePages(full, groupId),
    countNestedGroups: (groupId) => countNestedGroups(delta, groupId),
    mfaPages: ({ resumeFrom, pageSize = 999 } = {}) =>
      readPages<MfaRegistration>({
        transport: full,
        from: resumeFrom ?? FIRST_PAGE.mfa(pageSize),
        what: 'read the MFA report',
        toRow: toMfaRegistration,
      }),
    userDeltaPages: (options) => userDeltaPages(delta, options),
    groupDeltaPages: (options) => groupDeltaPages(delta, options),
    readMfa: (userId) => readMfa(events, userId, skew),
    forecast: (read, { pages, pageMs }) =>
      forecastRead({ pages, pageMs, ...guard.outlook('full', { method: 'GET', path: FIRST_PAGE[read](999) }) }),
    createSubscription: (wanted) => createSubscription(delta, wanted),
    renewSubscription: (subscriptionId, expiresAt) => renewSubscription(delta, subscriptionId, expiresAt),
    deleteSubscription: (subscriptionId) => deleteSubscription(delta, subscriptionId),
    readSubscription: (subscriptionId) => readSubscription(delta, subscriptionId),
    listSubscriptions: () => listSubscriptions(delta),
    signIn: async () => {
      const permissions = readPermissions(await token.acquire({ fresh: true }));
      guard.well();
      return { permissions };
    },
    clockSkewMs: (now) => skew.value(now?.getTime()),
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
  const known = guid.safeParse(id).data;
  if (known === undefined || typeof type !== 'string') return null;
  if (/\.user$/i.test(type)) return { id: known, kind: 'user' };
  return /\.group$/i.test(type) ? { id: known, kind: 'group' } : 'skip';
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
  if (row?.userId !== userId.toLowerCase())
    throw new Failure('graph.malformed', `${what}: the answer cannot be read, or is another person's`, {
      retryable: true,
    });
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
