import { z } from 'zod';
import {
  guid,
  instant,
  mfaState,
  toPersonKey,
  type IntegrationSettings,
  type SyncRequest,
  type UserDocument,
} from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { NamedCandidate, Store } from '@muster/store';
import { notFound, Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { findServed, listIntegrations, toRequester, toShownTenant, type Principal } from '../keys/principal.js';
import { explainPerson, type ExplainFacts } from '../status/domain/explain-person.js';
import { isGroupGone } from '../status/domain/group-gone.js';

export type PersonRoutesOptions = {
  store: Pick<
    Store,
    'users' | 'mfa' | 'groups' | 'integrations' | 'plans' | 'personReads' | 'changes' | 'cursors' | 'snapshots'
  >;
  publisher: Pick<Publisher, 'publish'>;
  now: Now;
};

const params = z.object({ userId: guid });
const query = z.strictObject({
  integrationId: guid.optional().describe('For operators: needed for somebody who has no document.'),
});

/** Changes of one person that are looked through for the one that brought them in or out. */
const HISTORY = 200;

const explanation = z
  .object({
    userId: z.string(),
    integrationId: z.string(),
    inScope: z.boolean().nullable().describe('Null: nobody can say before the person was read.'),
    path: z
      .array(z.object({ groupId: z.string(), displayName: z.string().nullable() }))
      .describe('From the chosen group down to the one that holds the person.'),
    since: z.string().nullable().describe('Since when it is so; null where the history does not reach back to it.'),
    sentences: z.array(z.string()).describe('The answer first.'),
    changedAt: z.string().nullable(),
    revision: z.int().nullable(),
    read: z
      .object({
        requestedAt: z.string(),
        readAt: z.string(),
        found: z.enum(['yes', 'soft', 'hard', 'unknown']),
        inGroup: z.boolean().nullable(),
        mfa: mfaState.nullable(),
        failure: z.object({ code: z.string(), message: z.string() }).nullable(),
      })
      .nullable()
      .describe('The last read that somebody asked for.'),
  })
  .meta({ id: 'Explanation' });

/** One person: read now, and why in scope or not. */
export const personRoutes = (options: PersonRoutesOptions): Route[] => [syncRoute(options), explainRoute(options)];

const syncRoute = ({ store, publisher, now }: PersonRoutesOptions): Route =>
  defineRoute({
    method: 'post',
    scopes: ['operate'],
    path: '/users/{userId}/sync',
    summary: 'Read this person, the way into the group and the MFA row now',
    tag: 'users',
    params,
    query,
    answer: {
      status: 202,
      description: 'The reconciler reads; GET /users/{userId}/explain shows what it saw, by `read.requestedAt`.',
      schema: z.object({ userId: z.string(), integrationId: z.string(), requestedAt: instant }),
    },
    errors: [404, 409],
    handle: async ({ params: { userId }, query: { integrationId: wanted }, principal }) => {
      const { settings } = await findHome(store, principal, { userId, wanted });
      const { integrationId, tenantId, state } = settings;
      if (state !== 'active') throw new Problem(409, `This integration is ${state}; start it, then ask again.`);
      const requestedAt = now().toISOString();
      const requestedBy = toRequester(principal);
      const value: SyncRequest = {
        version: 1,
        type: 'person',
        integrationId,
        tenantId,
        userId,
        requestedBy,
        requestedAt,
      };
      await publisher.publish([{ topic: 'requests', key: tenantId, value }]);
      return { body: { userId, integrationId, requestedAt } };
    },
  });

const explainRoute = ({ store, now }: PersonRoutesOptions): Route =>
  defineRoute({
    method: 'get',
    path: '/users/{userId}/explain',
    summary: 'Why this person is in scope, by which way and since when, or why not',
    tag: 'users',
    params,
    query,
    answer: { status: 200, description: 'In whole sentences.', schema: explanation },
    errors: [404, 409],
    handle: async ({ params: { userId }, query: { integrationId: wanted }, principal }) => {
      const { settings, document } = await findHome(store, principal, { userId, wanted });
      const { integrationId } = settings;
      const tenantId = toShownTenant(settings);
      const [mfa, read, groups, named, history, groupCursor, report] = await Promise.all([
        store.mfa.get(toPersonKey(tenantId, userId)),
        store.personReads.get(tenantId, userId),
        store.groups.ofTenant(tenantId),
        store.plans.named({
          ...{ integrationId, groupId: settings.groupId },
          ...{ states: ['waiting', 'refused'], userIds: [userId] },
        }),
        store.changes.ofPerson({ tenantId, userId }, { limit: HISTORY }),
        store.cursors.get(integrationId, 'group'),
        store.snapshots.last(integrationId, 'mfa', ['complete']),
      ]);
      const groupNames = new Map(groups.map(({ groupId, displayName }) => [groupId, displayName]));
      const held = toHeld(named);
      const told = explainPerson(
        {
          ...{ settings, document, mfa, read, groupNames, held, history },
          isGroupGone: groupCursor !== null && isGroupGone([groupCursor], settings),
          reportReadAt: report?.startedAt ?? null,
        },
        now(),
      );
      return {
        body: {
          userId,
          integrationId,
          ...told,
          changedAt: document?.changedAt ?? null,
          revision: document?.revision ?? null,
          read: read && {
            requestedAt: read.requestedAt,
            readAt: read.readAt,
            found: read.found,
            inGroup: read.inGroup,
            mfa: read.mfa,
            failure: read.failure,
          },
        },
      };
    },
  });

function toHeld(named: readonly NamedCandidate[]): ExplainFacts['held'] {
  for (const { planId, state } of named) if (state === 'waiting' || state === 'refused') return { planId, state };
  return null;
}

type Home = { settings: IntegrationSettings; document: UserDocument | null };

/** Where the person belongs: by the document, or where it is named, or where there is no choice. */
async function findHome(
  store: PersonRoutesOptions['store'],
  principal: Principal,
  { userId, wanted }: { userId: string; wanted: string | undefined },
): Promise<Home> {
  const id = wanted ?? principal.integrationId;
  const mine =
    id === null
      ? await listIntegrations(store.integrations, principal)
      : [await findServed(store.integrations, principal, id)];
  const found = await store.users.load(mine.map((settings) => toPersonKey(toShownTenant(settings), userId)));
  const homes = mine.flatMap((settings): Home[] => {
    const stored = found.get(toPersonKey(toShownTenant(settings), userId));
    return stored ? [{ settings, document: stored.document }] : [];
  });
  const [home, second] = homes;
  const [only, other] = mine;
  if (home && !second) return home;
  if (!home && only && !other) return { settings: only, document: null };
  if (!only) throw notFound('integration');
  throw new Problem(
    409,
    `${home ? 'Several integrations hold' : 'No document has'} this id. Say which integration: ?integrationId=…`,
  );
}
