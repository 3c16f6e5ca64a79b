import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { GraphFault } from '../graph/fault.js';
import type { Caller } from '../graph/request.js';
import type { App } from '../tenant/app.js';
import type { Tenant } from '../tenant/tenant.js';
import type { World } from '../world.js';
import { appTokenLife, toCapabilities } from './access-token-life.js';
import type { DirectoryRole } from './directory-roles.js';
import { rolesOf } from './directory-roles.js';
import { GRAPH_AUDIENCE } from './scopes.js';
import { issuerOf, signToken, toSeconds } from './sign-token.js';
import { publishedKeys } from './signing-keys.js';

/** An app-only token: no `roles` at all when nothing was consented to (contract 8.1). */
export const issueAppToken = async (
  world: World,
  { tenant, app, origin, caeAware }: { tenant: Tenant; app: App; origin: string; caeAware: boolean },
): Promise<{ token: string; expiresIn: number }> => {
  const life = appTokenLife(world, { tenant, app, caeAware });
  const claims = {
    appid: app.clientId,
    azp: app.clientId,
    azpacr: '1',
    app_displayname: app.displayName,
    idtyp: 'app',
    oid: app.principalId,
    sub: app.principalId,
    tid: tenant.id,
    uti: randomUUID().replaceAll('-', '').slice(0, 22),
    ver: '2.0',
    ...toCapabilities(caeAware),
    ...(app.granted.length > 0 && { roles: [...app.granted] }),
  };
  const issuer = issuerOf(origin, tenant.id);
  const token = await signToken(world, { claims, audience: GRAPH_AUDIENCE, issuer, life });
  return { token, expiresIn: toSeconds(life) };
};

const claimsSchema = z.object({
  tid: z.string(),
  appid: z.string(),
  oid: z.string(),
  exp: z.number(),
  roles: z.array(z.string()).default([]),
  scp: z.string().optional(),
});

const invalid = (message: string) =>
  new GraphFault(401, 'InvalidAuthenticationToken', message, {
    'WWW-Authenticate':
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
  });
const expired = () => invalid('Access token has expired or is not yet valid.');

const NO_ROLES: ReadonlySet<DirectoryRole> = new Set();

type Known = { readonly caller: Caller; readonly expiresAt: number };
const KNOWN_LIMIT = 10_000;

/** Checks bearer tokens. A signature is verified once per token and then remembered, as pages come fast. */
export const createAuthenticate = (world: World): ((authorization: string | undefined) => Promise<Caller>) => {
  const known = new Map<string, Known>();
  const verify = async (token: string): Promise<Known> => {
    try {
      const kid = decodeProtectedHeader(token).kid;
      const key = publishedKeys(world.keys, world.clock.now()).find((one) => one.kid === kid);
      if (key === undefined) throw invalid('Signature verification failed: the key is not known.');
      const { payload } = await jwtVerify(token, key.publicKey, {
        audience: GRAPH_AUDIENCE,
        algorithms: ['RS256'],
        currentDate: new Date(world.clock.now()),
      });
      const claims = claimsSchema.parse(payload);
      const tenant = world.tenants.get(claims.tid);
      if (tenant === undefined) throw invalid('The identity of the calling application could not be established.');
      const permissions = claims.scp === undefined ? claims.roles : claims.scp.split(' ');
      const caller = {
        tenant,
        appId: claims.appid,
        principalId: claims.oid,
        userId: claims.scp === undefined ? null : claims.oid,
        roles: new Set(permissions),
        directoryRoles: claims.scp === undefined ? NO_ROLES : new Set(rolesOf(world.signIn, tenant.id, claims.oid)),
      };
      return { caller, expiresAt: claims.exp * 1000 };
    } catch (error) {
      if (error instanceof GraphFault) throw error;
      if (error instanceof errors.JWTExpired) throw expired();
      if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud')
        throw invalid('Access token validation failure. Invalid audience.');
      if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof z.ZodError)
        throw invalid('IDX14100: JWT is not well formed.');
      throw error;
    }
  };
  return async (authorization) => {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw invalid('Access token is empty.');
    const remembered = known.get(token) ?? (await verify(token));
    if (remembered.expiresAt <= world.clock.now()) {
      known.delete(token);
      throw expired();
    }
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(token, remembered);
    return remembered.caller;
  };
};
