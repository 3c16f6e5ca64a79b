import { createHash, randomUUID } from 'node:crypto';
import type { App } from '../tenant/app.js';
import { groupsAbove } from '../tenant/membership.js';
import type { Tenant } from '../tenant/tenant.js';
import type { User } from '../tenant/user.js';
import type { World } from '../world.js';
import { personTokenLife, toCapabilities } from './access-token-life.js';
import { rolesOf, widsOf } from './directory-roles.js';
import { GRAPH_AUDIENCE } from './scopes.js';
import { issuerOf, signToken, toSeconds } from './sign-token.js';

/** More than these are not listed in a JWT (contract 8.2). */
const MOST_GROUPS = 200;

export type SignedIn = {
  readonly tenant: Tenant;
  readonly user: User;
  readonly app: App;
  readonly scopes: readonly string[];
  readonly signedInAt: number;
  readonly origin: string;
};

/** The same person has another `sub` at each app. */
const pairwise = (userId: string, audience: string) =>
  createHash('sha256').update(`${userId}/${audience}`).digest('base64url');

const uniqueId = () => randomUUID().replaceAll('-', '').slice(0, 22);

/** Either all groups, nested ones too, or only where to ask for them: the address is that of the retired Azure AD Graph. */
export const toGroupClaims = (tenant: Tenant, user: User) => {
  const groups = [...groupsAbove(tenant, user.memberOf)];
  if (groups.length <= MOST_GROUPS) return { groups };
  const endpoint = `https://graph.windows.net/${tenant.id}/users/${user.id}/getMemberObjects`;
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } };
};

const toPersonClaims = ({ tenant, user, app, signedInAt }: SignedIn, audience: string) => ({
  ...(app.groupClaims && toGroupClaims(tenant, user)),
  auth_time: toSeconds(signedInAt),
  name: user.displayName,
  oid: user.id,
  preferred_username: user.userPrincipalName,
  sub: pairwise(user.id, audience),
  tid: tenant.id,
  uti: uniqueId(),
  ver: '2.0',
});

/** For the app: who signed in. */
export const issueIdToken = (world: World, signedIn: SignedIn, nonce: string | undefined): Promise<string> => {
  const { app, user, scopes, tenant, origin } = signedIn;
  const claims = {
    ...toPersonClaims(signedIn, app.clientId),
    ...(nonce !== undefined && { nonce }),
    ...(scopes.includes('email') && user.mail !== null && { email: user.mail }),
  };
  const { idToken: life } = world.signIn.lifetimes;
  return signToken(world, { claims, audience: app.clientId, issuer: issuerOf(origin, tenant.id), life });
};

/** For Graph: what the app may do in this person's name. */
export const issueDelegatedToken = async (
  world: World,
  signedIn: SignedIn,
  caeAware: boolean,
): Promise<{ token: string; expiresIn: number }> => {
  const { app, user, scopes, tenant, origin } = signedIn;
  const claims = {
    ...toPersonClaims(signedIn, GRAPH_AUDIENCE),
    app_displayname: app.displayName,
    appid: app.clientId,
    azp: app.clientId,
    azpacr: '1',
    idtyp: 'user',
    scp: scopes.filter((scope) => scope !== 'offline_access').join(' '),
    upn: user.userPrincipalName,
    ...toCapabilities(caeAware),
    wids: widsOf(rolesOf(world.signIn, tenant.id, user.id), user),
  };
  const life = personTokenLife(world, { tenant, app, caeAware });
  const token = await signToken(world, {
    claims,
    audience: GRAPH_AUDIENCE,
    issuer: issuerOf(origin, tenant.id),
    life,
  });
  return { token, expiresIn: toSeconds(life) };
};

/** What MSAL builds its account id from. */
export const toClientInfo = (tenantId: string, userId: string): string =>
  Buffer.from(JSON.stringify({ uid: userId, utid: tenantId })).toString('base64url');
