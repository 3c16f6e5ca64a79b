import { z } from 'zod';
import type { Tenant } from '../tenant/tenant.js';
import type { World } from '../world.js';
import { readCaeAware } from './access-token-life.js';
import { issueAppToken } from './access-token.js';
import { requireUser } from './check-user.js';
import { authenticateApp } from './client-credentials.js';
import type { ClientApp } from './clients.js';
import { findClient } from './clients.js';
import { missingScopes } from './consent.js';
import { FAULTS } from './entra-fault.js';
import { findTenantOrShared } from './find-tenant.js';
import {
  issueRefreshToken,
  readCode,
  readRefreshToken,
  redeemCode,
  replaceRefreshToken,
  requireNotRevoked,
} from './grants.js';
import { readScopes, requireGraphDefault } from './scopes.js';
import { takeSecretFault } from './secret-faults.js';
import type { Grant } from './state.js';
import type { SignedIn } from './user-tokens.js';
import { issueDelegatedToken, issueIdToken, toClientInfo } from './user-tokens.js';

export type TokenCall = {
  readonly tenantName: string;
  /** Where the caller reaches the simulator: `https://host:port`. */
  readonly origin: string;
  readonly form: (name: string) => string | undefined;
  readonly authorization: string | undefined;
  /** The Origin header: only browsers send it. */
  readonly browserOrigin: string | undefined;
};

type Token = Record<string, string | number>;
type Known = { readonly tenant: Tenant | null; readonly client: ClientApp };

const basicSchema = z.tuple([z.string(), z.string()]);

/** `client_secret_basic`: id and secret are form-encoded before base64 (RFC 6749, 2.3.1). */
const readBasic = (authorization: string | undefined): readonly [id?: string, secret?: string] => {
  const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  try {
    return basicSchema.parse([text.slice(0, at), text.slice(at + 1)].map((part) => decodeURIComponent(part)));
  } catch {
    throw FAULTS.malformed('the Authorization header cannot be read.');
  }
};

const authenticate = async (world: World, call: TokenCall, { client, tenant }: Known): Promise<void> => {
  const { form, origin, tenantName, authorization } = call;
  const { clientId } = client.registration;
  const fault = takeSecretFault(world.faults, { tenantId: tenant?.id ?? tenantName.toLowerCase(), clientId });
  if (fault !== null) throw fault;
  const bases = [...new Set([tenantName, tenant?.id ?? tenantName])].map((name) => `${origin}/${name}`);
  await authenticateApp(world, client.registration, {
    secret: form('client_secret') ?? readBasic(authorization)[1],
    assertion: form('client_assertion'),
    assertionType: form('client_assertion_type'),
    audiences: bases.flatMap((base) => [`${base}/oauth2/v2.0/token`, `${base}/v2.0`, `${base}/`, base]),
  });
};

const resourceWorld = ({ origin }: TokenCall, { client, tenant }: Known) => ({
  tenantName: tenant?.name ?? 'organizations',
  clientId: client.registration.clientId,
  host: new URL(origin).hostname,
});

const clientIdOf = ({ form, authorization }: TokenCall) => form('client_id') ?? readBasic(authorization)[0];

const grantToApp = async (world: World, call: TokenCall): Promise<Token> => {
  const tenant = findTenantOrShared(world, call.tenantName);
  if (tenant === null) throw FAULTS.noTenant();
  const client = findClient(world, tenant, clientIdOf(call));
  if (client.principal === null) throw FAULTS.noPrincipal(client.registration.clientId, tenant.name);
  await authenticate(world, call, { tenant, client });
  requireGraphDefault(call.form('scope'), resourceWorld(call, { tenant, client }));
  const { token, expiresIn } = await issueAppToken(world, {
    ...{ tenant, app: client.principal, origin: call.origin },
    caeAware: readCaeAware(call.form('claims')),
  });
  return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token };
};

const hasCredential = ({ form, authorization }: TokenCall) =>
  Boolean(form('client_secret') ?? form('client_assertion') ?? readBasic(authorization)[1]);

/** Tokens of single-page apps go to browsers and need no credential; all others need one. */
const requireRightCaller = (call: TokenCall, { isSpa }: Grant) => {
  if (isSpa && call.browserOrigin === undefined) throw FAULTS.crossOriginOnly();
  if (!isSpa && !hasCredential(call)) throw FAULTS.noCredential();
};

const requireTenant = (world: World, named: Tenant | null, grant: Grant): Tenant => {
  const tenant = world.tenants.get(grant.tenantId);
  if (tenant === undefined || (named !== null && named !== tenant)) throw FAULTS.otherTenant();
  return tenant;
};

const answer = async (
  world: World,
  call: TokenCall,
  {
    signedIn,
    refreshToken,
    nonce,
  }: { signedIn: SignedIn; refreshToken: string | undefined; nonce?: string | undefined },
): Promise<Token> => {
  const { token, expiresIn } = await issueDelegatedToken(world, signedIn, readCaeAware(call.form('claims')));
  const { scopes, tenant, user } = signedIn;
  return {
    token_type: 'Bearer',
    scope: scopes.filter((scope) => scope !== 'offline_access').join(' '),
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: token,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(scopes.includes('openid') && { id_token: await issueIdToken(world, signedIn, nonce) }),
    ...(call.form('client_info') === '1' && { client_info: toClientInfo(tenant.id, user.id) }),
  };
};

/** Who is signed in now, with what was asked for and consented to; 65001 when consent is missing. */
const toSignedIn = (
  world: World,
  call: TokenCall,
  { grant, tenant, client }: { grant: Grant; tenant: Tenant; client: ClientApp },
): SignedIn => {
  const user = requireUser(world.signIn, tenant, grant.userId);
  const { registration, principal } = client;
  const asked = call.form('scope');
  const wanted = asked ? readScopes(asked, { registration, ...resourceWorld(call, { tenant, client }) }) : grant.scopes;
  const scopes = [
    ...new Set([...wanted, ...grant.scopes.filter((scope) => scope === 'openid' || scope === 'profile')]),
  ];
  if (principal === null || missingScopes(principal, user.id, scopes).length > 0)
    throw FAULTS.consentMissing(registration);
  return {
    tenant,
    user,
    app: { ...principal, groupClaims: registration.groupClaims },
    scopes,
    signedInAt: grant.signedInAt,
    origin: call.origin,
  };
};

const grantForCode = async (world: World, call: TokenCall): Promise<Token> => {
  const named = findTenantOrShared(world, call.tenantName);
  const text = call.form('code');
  if (!text) throw FAULTS.missing('code');
  const id = clientIdOf(call);
  const known: Known = { tenant: named, client: findClient(world, named, id) };
  const { clientId } = known.client.registration;
  if (hasCredential(call)) await authenticate(world, call, known);
  const grant = readCode(world, text);
  requireRightCaller(call, grant);
  const code = redeemCode(grant, {
    clientId,
    redirectUri: call.form('redirect_uri'),
    verifier: call.form('code_verifier'),
  });
  const tenant = requireTenant(world, named, code);
  requireNotRevoked(world, code, code.signedInAt);
  const client = findClient(world, tenant, clientId);
  const signedIn = toSignedIn(world, call, { grant: code, tenant, client });
  const refreshToken = code.scopes.includes('offline_access') ? issueRefreshToken(world, code) : undefined;
  return answer(world, call, { signedIn, refreshToken, nonce: code.nonce });
};

const grantForRefreshToken = async (world: World, call: TokenCall): Promise<Token> => {
  const named = findTenantOrShared(world, call.tenantName);
  const token = call.form('refresh_token');
  if (!token) throw FAULTS.missing('refresh_token');
  const known: Known = { tenant: named, client: findClient(world, named, clientIdOf(call)) };
  const { clientId } = known.client.registration;
  if (hasCredential(call)) await authenticate(world, call, known);
  const grant = readRefreshToken(world, { token, clientId });
  requireRightCaller(call, grant);
  const tenant = requireTenant(world, named, grant);
  const client = findClient(world, tenant, clientId);
  const signedIn = toSignedIn(world, call, { grant, tenant, client });
  const scopes = [...new Set([...grant.scopes, ...signedIn.scopes])];
  return answer(world, call, { signedIn, refreshToken: replaceRefreshToken(world, grant, scopes) });
};

const GRANTS: Readonly<Record<string, (world: World, call: TokenCall) => Promise<Token>>> = {
  client_credentials: grantToApp,
  authorization_code: grantForCode,
  refresh_token: grantForRefreshToken,
};

export const answerTokenCall = async (world: World, call: TokenCall): Promise<Token> => {
  const { tokenFault } = world.signIn.policy;
  if (tokenFault !== null && world.faults.random('tokenFault').chance(tokenFault.share))
    throw FAULTS.transient(tokenFault.number);
  findTenantOrShared(world, call.tenantName);
  const name = call.form('grant_type');
  if (!name) throw FAULTS.missing('grant_type');
  const grant = Object.hasOwn(GRANTS, name) ? GRANTS[name] : undefined;
  if (grant === undefined) throw FAULTS.grantType(name);
  return grant(world, call);
};
