import { randomUUID } from 'node:crypto';
import express from 'express';
import type { ErrorRequestHandler, Request, Response, Router } from 'express';
import { z } from 'zod';
import { findUser } from '../tenant/tenant.js';
import type { World } from '../world.js';
import { flowAddress, startAdminConsent, startSignIn } from './authorize.js';
import { requireUser } from './check-user.js';
import { EntraFault, FAULTS, toEntraBody } from './entra-fault.js';
import type { Flow } from './flow.js';
import { nextStep } from './flow.js';
import { SCRIPT_PATH, STYLE_PATH } from './pages/layout.js';
import { toSignedOutPage, toTroublePage } from './pages/message-pages.js';
import { SEND_SCRIPT, STYLE } from './pages/style.js';
import { sendPage } from './reply.js';
import { findSession, rememberAccount } from './sessions.js';
import { decide, finishSignIn, showStep } from './walk.js';

const listSchema = z.object({
  search: z.string().max(200).catch(''),
  from: z.coerce.number().int().min(0).catch(0),
});
const accountSchema = z.object({ tenant: z.string(), user: z.string() });
const decisionSchema = z.object({
  decision: z.enum(['accept', 'refuse', 'leave', 'ask']),
  forAll: z.literal('yes').optional(),
});
const logoutSchema = z.object({
  post_logout_redirect_uri: z.string().optional().catch(undefined),
  state: z.string().optional().catch(undefined),
});

type FlowRequest = Request<{ flow: string }>;

/** The walk that this browser began; nobody else's, and not for ever. */
const requireFlow = (world: World, request: FlowRequest): Flow => {
  const flow = world.signIn.flows.get(request.params.flow);
  const session = findSession(world, request);
  if (
    flow === undefined ||
    flow.expiresAt <= world.clock.now() ||
    session === undefined ||
    flow.sessionId !== session.id
  )
    throw FAULTS.malformed('this sign-in has ended; begin it anew in the app.');
  return flow;
};

const addFlowRoutes = (router: Router, world: World, onEdit: () => void) => {
  const finish = finishSignIn(world);
  router.get('/sign-in/:flow', (request, response) => {
    const flow = requireFlow(world, request);
    const step = nextStep(world, flow);
    if (step.type === 'done') finish(flow, step.account, response);
    else showStep(world, { flow, step, ...listSchema.parse(request.query) }, response);
  });
  router.post('/sign-in/:flow/account', (request, response) => {
    const flow = requireFlow(world, request);
    const given = accountSchema.parse(request.body);
    const tenant = world.tenants.get(given.tenant);
    const user = tenant === undefined ? undefined : findUser(tenant, given.user);
    if (tenant === undefined || user === undefined) throw FAULTS.unknownUser(given.user, tenant?.name ?? given.tenant);
    if (flow.tenant !== null && flow.tenant !== tenant)
      throw FAULTS.foreignUser(user.userPrincipalName, flow.tenant.name);
    requireUser(world.signIn, tenant, user.id);
    flow.account = { tenantId: tenant.id, userId: user.id, signedInAt: world.clock.now() };
    const session = findSession(world, request);
    if (session !== undefined) rememberAccount(session, flow.account);
    response.redirect(303, flowAddress(flow));
  });
  router.post('/sign-in/:flow/other', (request, response) => {
    const flow = requireFlow(world, request);
    flow.account = null;
    response.redirect(303, flowAddress(flow));
  });
  router.post('/sign-in/:flow/consent', (request, response) => {
    const flow = requireFlow(world, request);
    const { decision, forAll } = decisionSchema.parse(request.body);
    const step = nextStep(world, flow);
    if (flow.account === null) throw FAULTS.noSession();
    const deciding = { flow, step, account: flow.account };
    const goesOn = decide(world, deciding, { decision, forAll: forAll !== undefined, response });
    onEdit();
    if (goesOn) response.redirect(303, flowAddress(flow));
  });
};

const isRegistered = (world: World, uri: string) =>
  [...world.tenants.values()].some(({ apps }) =>
    [...apps.values()].some((app) => [...app.redirectUris, ...app.spaRedirectUris].includes(uri)),
  );

/** Ends the browser's session; goes on only to an address that some app has registered. */
const signOut = (world: World) => (request: Request, response: Response) => {
  const session = findSession(world, request);
  if (session !== undefined) world.signIn.sessions.delete(session.id);
  const { post_logout_redirect_uri: uri, state } = logoutSchema.parse(request.query);
  if (uri === undefined || !isRegistered(world, uri)) {
    sendPage(response, toSignedOutPage());
    return;
  }
  const target = new URL(uri);
  if (state !== undefined) target.searchParams.set('state', state);
  response.redirect(302, target.href);
};

/** Some faults another account would not have. */
const OF_THE_ACCOUNT = new Set([50057, 53003, 50034]);

const createOnError =
  (world: World): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    const fault = error instanceof z.ZodError ? FAULTS.malformed('the form cannot be read.') : error;
    if (!(fault instanceof EntraFault)) {
      next(error);
      return;
    }
    const ids = { trace: randomUUID(), correlation: request.get('client-request-id') ?? randomUUID() };
    const { timestamp: time } = toEntraBody(fault, { at: world.clock.now(), ids });
    const flow = /^\/sign-in\/([\w-]+)/.exec(request.path)?.[1];
    const otherAccount = flow !== undefined && OF_THE_ACCOUNT.has(fault.number) ? `/sign-in/${flow}` : undefined;
    const page = toTroublePage({ number: fault.number, message: fault.message, ...ids, time, otherAccount });
    sendPage(response, page, { status: 400 });
  };

/** What a browser sees; may be served on a port of its own, without TLS, on loopback. */
export const createPagesRouter = (world: World, onEdit: () => void): Router => {
  const router = express.Router();
  router.get(STYLE_PATH, (_request, response) => {
    response.set('Cache-Control', 'max-age=300').type('css').send(STYLE);
  });
  router.get(SCRIPT_PATH, (_request, response) => {
    response.set('Cache-Control', 'max-age=300').type('js').send(SEND_SCRIPT);
  });
  router.use('/sign-in', express.urlencoded({ extended: false }));
  addFlowRoutes(router, world, onEdit);
  router.get('/:tenant/oauth2/v2.0/authorize', startSignIn(world, finishSignIn(world)));
  const adminConsent = startAdminConsent(world);
  router.get('/:tenant/adminconsent', adminConsent);
  router.get('/:tenant/v2.0/adminconsent', adminConsent);
  router.get('/:tenant/oauth2/v2.0/logout', signOut(world));
  router.use(createOnError(world));
  return router;
};
