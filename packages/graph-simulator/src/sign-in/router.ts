import { randomUUID } from 'node:crypto';
import express from 'express';
import type { ErrorRequestHandler, Request, Router } from 'express';
import { z } from 'zod';
import { GraphFault } from '../graph/fault.js';
import type { World } from '../world.js';
import { createAuthenticate } from './access-token.js';
import { toDiscovery, toInstances } from './discovery.js';
import { EntraFault, FAULTS, toEntraBody } from './entra-fault.js';
import { SHARED_TENANTS, findTenant } from './find-tenant.js';
import { createPagesRouter } from './pages-router.js';
import { toJwks } from './signing-keys.js';
import { answerTokenCall } from './token-endpoint.js';

export const originOf = (request: Request): string => `${request.protocol}://${request.get('host') ?? 'localhost'}`;

const formSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())])).catch({});
const readForm = (body: unknown) => {
  const form = formSchema.parse(body ?? {});
  return (name: string): string | undefined => {
    const value = form[name];
    return Array.isArray(value) ? value[0] : value;
  };
};

const addKnowledgeRoutes = (router: Router, world: World) => {
  router.get('/common/discovery/instance', (request, response) => {
    response.json(toInstances(originOf(request)));
  });
  router.get('/:tenant/v2.0/.well-known/openid-configuration', (request, response) => {
    const name = request.params.tenant;
    const tenantId = SHARED_TENANTS.includes(name) ? null : findTenant(world, name, 'invalid_tenant').id;
    const origin = originOf(request);
    response.json(toDiscovery({ origin, pagesOrigin: world.signIn.pagesOrigin ?? origin }, tenantId, name));
  });
  router.get('/:tenant/discovery/v2.0/keys', (_request, response) => {
    response.json(toJwks(world.keys, world.clock.now()));
  });
};

/** Who the bearer is, for what clients call user info. */
const addUserInfo = (router: Router, world: World) => {
  const authenticate = createAuthenticate(world);
  router.get('/oidc/userinfo', async (request, response) => {
    const caller = await authenticate(request.get('authorization'));
    const user = caller.tenant.users.byId.get(caller.userId ?? '');
    if (user === undefined) throw new GraphFault(403, 'AccessDenied', 'Only people have user info.');
    const { id: sub, displayName: name, givenName, surname, mail } = user;
    response.json({ sub, name, given_name: givenName, family_name: surname, email: mail });
  });
  const onError: ErrorRequestHandler = (error, _request, response, next) => {
    if (error instanceof GraphFault)
      response.status(error.status).json({ error: { code: error.code, message: error.message } });
    else next(error);
  };
  router.use('/oidc', onError);
};

/** Single-page apps redeem their codes from a browser. */
const allowBrowsers = (router: Router, path: string) => {
  router.use(path, (request, response, next) => {
    if (request.get('origin') !== undefined) response.set('Access-Control-Allow-Origin', '*');
    response.set({ 'Cross-Origin-Resource-Policy': 'cross-origin' });
    if (request.method !== 'OPTIONS') next();
    else
      response
        .set({ 'Access-Control-Allow-Methods': 'GET, POST', 'Access-Control-Allow-Headers': '*' })
        .status(204)
        .end();
  });
};

/** What the body parser refuses: too long, or in an encoding that nobody knows. */
const isUnreadable = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && 'status' in error && Number(error.status) < 500;

export const createSignInRouter = (world: World, onEdit: () => void): Router => {
  const router = express.Router();
  for (const path of ['/:tenant/oauth2/v2.0/token', '/:tenant/v2.0/.well-known', '/:tenant/discovery'])
    allowBrowsers(router, path);
  addKnowledgeRoutes(router, world);
  addUserInfo(router, world);
  router.post('/:tenant/oauth2/v2.0/token', express.urlencoded({ extended: false }), async (request, response) => {
    const body = await answerTokenCall(world, {
      tenantName: request.params.tenant,
      origin: originOf(request),
      form: readForm(request.body),
      authorization: request.get('authorization'),
      browserOrigin: request.get('origin'),
    });
    onEdit();
    response.set({ 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' }).json(body);
  });
  router.get('/:tenant/oauth2/v2.0/token', ({ method }) => {
    throw FAULTS.onlyPost(method);
  });
  const onError: ErrorRequestHandler = (given: unknown, request, response, next) => {
    const error = isUnreadable(given) ? FAULTS.malformed('the form cannot be read.') : given;
    if (!(error instanceof EntraFault)) {
      next(error);
      return;
    }
    const ids = { trace: randomUUID(), correlation: request.get('client-request-id') ?? randomUUID() };
    response.status(error.status).json(toEntraBody(error, { at: world.clock.now(), ids }));
  };
  router.use(onError);
  router.use(createPagesRouter(world, onEdit));
  return router;
};
