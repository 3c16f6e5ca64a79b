import { randomUUID } from 'node:crypto';
import { SignJWT, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { GraphFault } from '../graph/fault.js';
import type { Caller } from '../graph/request.js';
import type { App } from '../tenant/app.js';
import type { Tenant } from '../tenant/tenant.js';
import type { World } from '../world.js';

export const GRAPH_AUDIENCE = 'https://graph.microsoft.com';
const seconds = (time: number) => Math.floor(time / 1000);

/** An app-only token: no `roles` at all when nothing was consented to (contract 8.1). */
export const issueAppToken = async (
  { keys, clock, settings }: World,
  { tenant, app, origin }: { tenant: Tenant; app: App; origin: string },
): Promise<{ token: string; expiresIn: number }> => {
  const [key] = keys;
  if (key === undefined) throw new Error('there is no signing key');
  const now = clock.now();
  const expiresIn = seconds(settings.lifetimes.accessToken);
  const token = await new SignJWT({
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
    ...(app.granted.length > 0 && { roles: [...app.granted] }),
  })
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: key.kid })
    .setAudience(GRAPH_AUDIENCE)
    .setIssuer(`${origin}/${tenant.id}/v2.0`)
    .setIssuedAt(seconds(now))
    .setNotBefore(seconds(now))
    .setExpirationTime(seconds(now) + expiresIn)
    .sign(key.privateKey);
  return { token, expiresIn };
};

const claimsSchema = z.object({
  tid: z.string(),
  appid: z.string(),
  oid: z.string(),
  exp: z.number(),
  roles: z.array(z.string()).default([]),
});

const invalid = (message: string) =>
  new GraphFault(401, 'InvalidAuthenticationToken', message, {
    'WWW-Authenticate':
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
  });
const expired = () => invalid('Lifetime validation failed, the token is expired.');

type Known = { readonly caller: Caller; readonly expiresAt: number };
const KNOWN_LIMIT = 10_000;

/** Checks bearer tokens. A signature is verified once per token and then remembered, as pages come fast. */
export const createAuthenticate = (world: World): ((authorization: string | undefined) => Promise<Caller>) => {
  const known = new Map<string, Known>();
  const verify = async (token: string): Promise<Known> => {
    try {
      const kid = decodeProtectedHeader(token).kid;
      const key = world.keys.find((one) => one.kid === kid);
      if (key === undefined) throw invalid('Signature verification failed: the key is not known.');
      const { payload } = await jwtVerify(token, key.publicKey, {
        audience: GRAPH_AUDIENCE,
        algorithms: ['RS256'],
        currentDate: new Date(world.clock.now()),
      });
      const claims = claimsSchema.parse(payload);
      const tenant = world.tenants.get(claims.tid);
      if (tenant === undefined) throw invalid('The identity of the calling application could not be established.');
      const caller = { tenant, appId: claims.appid, principalId: claims.oid, roles: new Set(claims.roles) };
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
