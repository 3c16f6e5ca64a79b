import { randomUUID } from 'node:crypto';
import express from 'express';
import type { ErrorRequestHandler, Request, Router } from 'express';
import { z } from 'zod';
import type { World } from '../world.js';
import { GRAPH_AUDIENCE, issueAppToken } from './access-token.js';
import { authenticateApp, requireGraphScope } from './client-credentials.js';
import { EntraFault, FAULTS, toEntraBody } from './entra-fault.js';
import { findTenant } from './find-tenant.js';
import { toJwks } from './signing-keys.js';

export const originOf = (request: Request): string => `${request.protocol}://${request.get('host') ?? 'localhost'}`;

const formSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())])).catch({});
const readForm = (body: unknown) => {
  const form = formSchema.parse(body ?? {});
  return (name: string): string | undefined => {
    const value = form[name];
    return Array.isArray(value) ? value[0] : value;
  };
};

const toDiscovery = (origin: string, tenantId: string) => {
  const base = `${origin}/${tenantId}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${base}/v2.0`,
    request_uri_parameter_supported: false,
    userinfo_endpoint: `${origin}/oidc/userinfo`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'preferred_username', 'name', 'tid', 'ver', 'oid'],
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: new URL(origin).host,
  };
};

const toInstances = (origin: string) => {
  const { host } = new URL(origin);
  return {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
};

/** Everybody's tenants, before one is known; discovery of these names the placeholder as its issuer. */
const SHARED_TENANTS = ['common', 'organizations', 'consumers'];

/** The consent of an administrator grants what the registration asks for; refusing is in the page of part 2. */
const adminConsent = (world: World, onEdit: () => void) => (request: Request<{ tenant: string }>) => {
  const query = z
    .object({ client_id: z.string().optional(), redirect_uri: z.url().optional(), state: z.string().optional() })
    .parse(request.query);
  const tenant = findTenant(world, request.params.tenant);
  if (query.client_id === undefined) throw FAULTS.missing('client_id');
  if (query.redirect_uri === undefined) throw FAULTS.missing('redirect_uri');
  const app = tenant.apps.get(query.client_id.toLowerCase());
  if (app === undefined) throw FAULTS.unknownApp(query.client_id, tenant.name);
  app.granted = app.requested;
  onEdit();
  const target = new URL(query.redirect_uri);
  target.searchParams.set('admin_consent', 'True');
  target.searchParams.set('tenant', tenant.id);
  if (query.state !== undefined) target.searchParams.set('state', query.state);
  return target.href;
};

const issueToken = (world: World) => async (request: Request<{ tenant: string }>) => {
  const form = readForm(request.body);
  const tenant = findTenant(world, request.params.tenant);
  const grant = form('grant_type');
  if (!grant) throw FAULTS.missing('grant_type');
  if (grant !== 'client_credentials') throw FAULTS.grantType(grant);
  const origin = originOf(request);
  const app = authenticateApp(tenant, {
    clientId: form('client_id'),
    secret: form('client_secret'),
    at: world.clock.now(),
  });
  requireGraphScope(tenant, { scope: form('scope'), origins: [GRAPH_AUDIENCE, origin] });
  const { token, expiresIn } = await issueAppToken(world, { tenant, app, origin });
  return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token };
};

export const createSignInRouter = (world: World, onEdit: () => void): Router => {
  const router = express.Router();
  router.get('/common/discovery/instance', (request, response) => {
    response.json(toInstances(originOf(request)));
  });
  router.get('/:tenant/v2.0/.well-known/openid-configuration', (request, response) => {
    const name = request.params.tenant;
    const tenantId = SHARED_TENANTS.includes(name) ? name : findTenant(world, name, 'invalid_tenant').id;
    response.json(toDiscovery(originOf(request), tenantId));
  });
  router.get('/:tenant/discovery/v2.0/keys', (_request, response) => {
    response.json(toJwks(world.keys));
  });
  const consent = adminConsent(world, onEdit);
  router.get('/:tenant/adminconsent', (request, response) => {
    response.redirect(consent(request));
  });
  const token = issueToken(world);
  router.post('/:tenant/oauth2/v2.0/token', express.urlencoded({ extended: false }), async (request, response) => {
    response.set({ 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' }).json(await token(request));
  });
  const onError: ErrorRequestHandler = (error, request, response, next) => {
    if (!(error instanceof EntraFault)) {
      next(error);
      return;
    }
    const ids = { trace: randomUUID(), correlation: request.get('client-request-id') ?? randomUUID() };
    response.status(error.status).json(toEntraBody(error, { at: world.clock.now(), ids }));
  };
  router.use(onError);
  return router;
};
