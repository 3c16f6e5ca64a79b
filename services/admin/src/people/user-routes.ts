import { z } from 'zod';
import {
  guid,
  mfaState,
  toPersonKey,
  userStatus,
  type IntegrationSettings,
  type MfaDocument,
  type UserDocument,
} from '@muster/contracts';
import type { PeopleFilter, Store } from '@muster/store';
import { Problem, notFound } from '../http/problem.js';
import { orNull } from '../http/or-null.js';
import { flag } from '../http/parse.js';
import { defineRoute, type Route } from '../http/route.js';
import { findServed, listIntegrations, showsPeople, toShownTenant, type Principal } from '../keys/principal.js';

type PeopleStore = Pick<Store, 'users' | 'mfa' | 'integrations'>;

const text = z.string().nullable();
const mfaView = z
  .object({
    isAdmin: z.boolean().nullable(),
    isMfaRegistered: z.boolean(),
    isMfaCapable: z.boolean(),
    isPasswordlessCapable: z.boolean(),
    isSsprRegistered: z.boolean(),
    isSsprEnabled: z.boolean(),
    isSsprCapable: z.boolean(),
    isSystemPreferredAuthenticationMethodEnabled: z.boolean().nullable(),
    methodsRegistered: z.array(z.string()),
    systemPreferredAuthenticationMethods: z.array(z.string()),
    userPreferredMethodForSecondaryAuthentication: text,
    reportedAt: text.describe('When Microsoft refreshed the report that has had this row so since.'),
    revision: z.int(),
    observedAt: z.string(),
    changedAt: z.string(),
    stale: z.boolean().describe('The newest complete report no longer has this row.'),
  })
  .meta({ id: 'Mfa' });

const userView = z
  .object({
    userId: z.string(),
    tenantId: z.string(),
    userPrincipalName: text,
    displayName: text,
    givenName: text,
    surname: text,
    mail: text,
    jobTitle: text,
    department: text,
    accountEnabled: z.boolean().nullable(),
    userType: text,
    status: userStatus,
    ssoEnabled: z.boolean().describe('May sign in.'),
    inGroup: z.boolean(),
    groupPath: z
      .array(z.string())
      .describe('From the chosen group down to the one that holds the person; empty while the way in is not known.'),
    revision: z.int(),
    observedAt: z.string(),
    changedAt: z.string(),
    mfaState: mfaState.describe('`unknown` is no "no": there is no data.'),
    mfa: orNull(mfaView),
  })
  .meta({ id: 'User' });

export type UserView = z.input<typeof userView>;

/** As Graph spells it, typed in any case; what Graph does not know is an error and no empty list. */
const userType = z.preprocess(
  (value) => (typeof value === 'string' ? value.charAt(0).toUpperCase() + value.slice(1).toLowerCase() : value),
  z.enum(['Member', 'Guest']),
);
const integrationId = guid.optional().describe('For operators: only this integration.');

/** What GET /users and the export can be narrowed by. */
export const peopleFilterFields = {
  search: z.string().trim().min(1).max(100).optional().describe('Start of a word in name, UPN or mail.'),
  status: userStatus.optional(),
  inGroup: flag.optional(),
  userType: userType.optional(),
  mfa: mfaState.optional(),
  admin: flag.optional().describe('Holds a directory role, as the MFA report says.'),
  integrationId,
};
type PeopleQuery = z.infer<z.ZodObject<typeof peopleFilterFields>>;

export const userRoutes = ({ store }: { store: PeopleStore }): Route[] => [
  defineRoute({
    method: 'get',
    path: '/users',
    summary: 'People, page by page',
    tag: 'users',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(500).default(50),
      cursor: z.string().max(500).optional().describe('`nextCursor` of the page before.'),
      ...peopleFilterFields,
    }),
    answer: {
      status: 200,
      description: 'One page.',
      schema: z.object({ items: z.array(userView), nextCursor: z.string().nullable() }),
    },
    errors: [404],
    handle: async ({ query: { limit, cursor, ...wanted }, principal }) => {
      const page = await store.users.page(await toPeopleFilter(store, principal, wanted), {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const items = page.items.map(({ mfa, ...document }) => toUserView(document, mfa));
      return { body: { items, nextCursor: page.nextCursor } };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/users/{userId}',
    summary: 'One person with MFA registration',
    tag: 'users',
    params: z.object({ userId: guid }),
    query: z.strictObject({ integrationId }),
    answer: { status: 200, description: 'The person.', schema: userView },
    errors: [404, 409],
    handle: async ({ params: { userId }, query, principal }) => {
      const document = await findPerson(store, principal, { userId, integrationId: query.integrationId });
      return { body: toUserView(document, await store.mfa.get(toPersonKey(document.tenantId, userId))) };
    },
  }),
];

/** With the own tenant, where the principal has one. */
export async function toPeopleFilter(
  store: PeopleStore,
  principal: Principal,
  { integrationId: wanted, admin, ...filter }: PeopleQuery,
): Promise<PeopleFilter> {
  return withoutUndefined({ ...filter, isAdmin: admin, ...(await toScope(store, principal, wanted)) });
}

/** A tenant admin's filter always holds the own tenant; an operator may narrow it. */
async function toScope(
  { integrations }: PeopleStore,
  principal: Principal,
  wanted: string | undefined,
): Promise<Pick<PeopleFilter, 'tenantId' | 'notOfTenants'>> {
  const id = wanted ?? principal.integrationId;
  if (id !== null) return { tenantId: toShownTenant(await findServed(integrations, principal, id)) };
  const left = toUnserved(await integrations.all());
  return left.length === 0 ? {} : { notOfTenants: left };
}

/** Tenants whose every integration was removed or not started yet. */
function toUnserved(integrations: readonly IntegrationSettings[]): string[] {
  const served = new Set(integrations.filter(showsPeople).map(({ tenantId }) => tenantId));
  const known = new Set(integrations.map(({ tenantId }) => tenantId));
  return [...known].filter((tenantId) => !served.has(tenantId));
}

export async function findPerson(
  store: PeopleStore,
  principal: Principal,
  { userId, integrationId: wanted }: { userId: string; integrationId: string | undefined },
): Promise<UserDocument> {
  const { tenantId } = await toScope(store, principal, wanted);
  const tenantIds =
    tenantId === undefined ? (await listIntegrations(store.integrations, principal)).map(toShownTenant) : [tenantId];
  const found = await store.users.load(tenantIds.map((id) => toPersonKey(id, userId)));
  const [first, second] = [...found.values()];
  if (!first) throw notFound('person with this id');
  if (second) throw new Problem(409, 'Several integrations hold this id. Say which one: ?integrationId=…');
  return first.document;
}

export const toUserView = (document: UserDocument, mfa: MfaDocument | null): UserView => ({
  ...document,
  mfaState: mfa?.state ?? 'unknown',
  mfa,
});

const withoutUndefined = (filter: { [K in keyof PeopleFilter]: PeopleFilter[K] | undefined }): PeopleFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
