import { z } from 'zod';
import { guid, toPersonKey, type Failure, type IntegrationSettings } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import { Problem, notFound } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration, listIntegrations, type Principal } from '../keys/principal.js';
import { explainFailure } from '../setup/explain-failure.js';
import type { Gate } from './create-gate.js';
import { toGateWords } from './domain/judge-gate.js';

export type GateRoutesOptions = { store: Pick<Store, 'integrations' | 'users' | 'sessions'>; gate: Gate; now: Now };

const gateFields = {
  allowed: z.boolean(),
  why: z.enum(['in-group', 'in-tenant', 'disabled', 'deleted', 'out-of-scope', 'guest', 'not-active', 'user-sync-off']),
  text: z.string().describe('The same in words.'),
  groupPath: z
    .array(z.string())
    .describe('From the chosen group down to the one that holds the person; empty while the way in is not known.'),
  by: z
    .enum(['projection', 'graph', 'settings'])
    .describe('Graph is asked while the projection is not fresh; settings: nobody may enter while User Sync is off.'),
  asOf: z.string().describe('When the read behind it began.'),
};
const gateView = z.object({ userId: z.string(), integrationId: z.string(), ...gateFields }).meta({ id: 'Gate' });

const sessionView = z
  .object({
    role: z.enum(['operator', 'tenant-admin', 'member']),
    actor: z.string(),
    integrationId: z.string().nullable(),
    integrationName: z.string().nullable(),
    userId: z.string().nullable(),
    name: z.string().nullable(),
    userPrincipalName: z.string().nullable(),
    why: z.string().nullable().describe('Why the person may enter, in words.'),
    gate: z.object(gateFields).nullable().describe('Why the person may enter; null for keys and local accounts.'),
    scopes: z.array(z.string()),
    expiresAt: z.string().nullable().describe('When the session ends unless it is used before; null with a key.'),
  })
  .meta({ id: 'Session' });

export const gateRoutes = (options: GateRoutesOptions): Route[] => [gateRoute(options), sessionRoute(options)];

const gateRoute = ({ store, gate }: GateRoutesOptions): Route =>
  defineRoute({
    method: 'get',
    path: '/gate/{userId}',
    summary: 'May this person enter now, and why',
    tag: 'users',
    scopes: ['gate', 'read'],
    params: z.object({ userId: guid }),
    query: z.strictObject({ integrationId: guid.optional().describe('For operators: of this integration.') }),
    answer: { status: 200, description: 'The verdict.', schema: gateView },
    errors: [404, 409],
    handle: async ({ params: { userId }, query, principal }) => {
      const settings = await findSettings(store, principal, { userId, integrationId: query.integrationId });
      const answer = await gate.ask(settings, userId);
      if (!answer.known) throw toUnknown(answer.failure);
      const { verdict, person } = answer;
      const isStranger = person.userPrincipalName === null && person.displayName === null;
      if (!verdict.allowed && verdict.by !== 'settings' && isStranger) throw notFound('person with this id');
      return {
        body: { userId, integrationId: settings.integrationId, ...verdict, text: toGateWords(verdict) },
      };
    },
  });

/** Away for now is 503; what Microsoft refuses until somebody mends the integration is 409, with the cure. */
function toUnknown(failure: Failure): Problem {
  if (failure.retryable)
    return new Problem(
      503,
      'Neither the projection is fresh nor does Graph answer: nobody can vouch for this person.',
      { headers: { 'Retry-After': '5' }, cause: failure },
    );
  const { text, cure } = explainFailure(failure);
  return new Problem(409, `The projection is not fresh, and Microsoft cannot be asked. ${text} ${cure}`, {
    cause: failure,
  });
}

/** The integration that is meant; an operator may leave it out where only one has the person. */
async function findSettings(
  store: GateRoutesOptions['store'],
  principal: Principal,
  { userId, integrationId }: { userId: string; integrationId: string | undefined },
): Promise<IntegrationSettings> {
  const id = integrationId ?? principal.integrationId;
  if (id !== null) {
    const settings = await findIntegration(store.integrations, principal, id);
    // It is kept to be looked at, and vouches for nobody.
    if (settings.state === 'removed') throw notFound('integration with this id');
    return settings;
  }
  const all = await listIntegrations(store.integrations, principal);
  const known = await store.users.load(all.map(({ tenantId }) => toPersonKey(tenantId, userId)));
  const theirs = all.filter(({ tenantId }) => known.has(toPersonKey(tenantId, userId)));
  const [first, second] = theirs.length === 0 && all.length === 1 ? all : theirs;
  if (!first) throw notFound('person with this id');
  if (second) throw new Problem(409, 'Several integrations hold this id. Say which one: ?integrationId=…');
  return first;
}

const sessionRoute = ({ store, gate }: GateRoutesOptions): Route =>
  defineRoute({
    method: 'get',
    path: '/session',
    summary: 'Who am I, and why may I enter',
    tag: 'session',
    everyone: true,
    scopes: ['read', 'write', 'operate', 'keys', 'gate'],
    answer: { status: 200, description: 'You.', schema: sessionView },
    handle: async ({ principal }) => {
      const { role, actor, integrationId, scopes, person, sessionHash } = principal;
      const session = sessionHash === null ? null : await store.sessions.get(sessionHash);
      const home = session?.subject.kind === 'person' ? session.subject.integrationId : integrationId;
      const settings = home === null ? null : await store.integrations.get(home);
      const answer = person && settings ? await gate.ask(settings, person.userId) : null;
      const known = answer?.known === true ? answer : null;
      return {
        body: {
          role,
          actor,
          integrationId,
          integrationName: settings?.name ?? null,
          userId: person?.userId ?? null,
          name: known?.person.displayName ?? null,
          userPrincipalName: known?.person.userPrincipalName ?? null,
          why: known && toGateWords(known.verdict),
          gate: known && { ...known.verdict, text: toGateWords(known.verdict) },
          scopes: [...scopes],
          expiresAt: session?.expiresAt ?? null,
        },
      };
    },
  });
