import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { World } from '../world.js';
import type { AuthorizationRequest, Caller } from './authorization-request.js';
import { readAuthorizationRequest, readCaller, readQuery } from './authorization-request.js';
import { EntraFault, FAULTS } from './entra-fault.js';
import type { Flow, Step } from './flow.js';
import { nextStep } from './flow.js';
import { sendReply, toErrorFields } from './reply.js';
import { findSession, obtainSession } from './sessions.js';
import type { Account } from './state.js';
import { addEnding } from './state.js';

export const flowAddress = ({ id }: Flow): string => `/sign-in/${id}`;

const openFlow = (
  world: World,
  { caller, sessionId, purpose }: { caller: Caller; sessionId: string; purpose: Flow['purpose'] },
): Flow => {
  const now = world.clock.now();
  const id = randomBytes(24).toString('base64url');
  const expiresAt = now + world.signIn.lifetimes.flow;
  const entry: Flow = { ...caller, id, sessionId, expiresAt, purpose, account: null, consented: false };
  return addEnding(world.signIn.flows, id, { entry, now });
};

const nameOf = (world: World, { tenantId, userId }: Account) =>
  world.tenants.get(tenantId)?.users.byId.get(userId)?.userPrincipalName.toLowerCase();

/** Accounts of this browser that the request could mean. */
const fittingAccounts = (
  world: World,
  { tenant }: Caller,
  { accounts, hint }: { accounts: readonly Account[]; hint: string | undefined },
) =>
  accounts.filter(
    (account) =>
      (tenant === null || account.tenantId === tenant.id) &&
      (hint === undefined || nameOf(world, account) === hint.toLowerCase()),
  );

/** A hint at somebody of another tenant cannot be met here. */
const refuseForeigner = (world: World, { tenant }: Caller, hint: string | undefined) => {
  if (hint === undefined || tenant === null || tenant.users.byName.has(hint.toLowerCase())) return;
  const isElsewhere = [...world.tenants.values()].some(({ users }) => users.byName.has(hint.toLowerCase()));
  if (isElsewhere) throw FAULTS.foreignUser(hint, tenant.name);
};

/** `prompt=none`: an answer at once, or the reason why somebody has to look. */
const requireSilence = (
  step: Step,
  { count, app }: { count: number; app: { clientId: string; displayName: string } },
) => {
  if (step.type === 'account') throw count === 0 ? FAULTS.noSession() : FAULTS.severalSessions();
  if (step.type !== 'done') throw FAULTS.consentMissing(app, 'consent_required');
};

const stepSilently = (world: World, flow: Flow) => {
  try {
    return nextStep(world, flow);
  } catch (error) {
    throw error instanceof EntraFault ? FAULTS.interaction(error) : error;
  }
};

/** Before the address to go back to is trusted, faults are thrown; after it, they are sent there. */
export const startSignIn =
  (world: World, finish: (flow: Flow, account: Account, response: Response) => void) =>
  (request: Request<{ tenant: string }>, response: Response): void => {
    const query = readQuery(request.query);
    const caller = readCaller(world, request.params.tenant, query);
    let asked: AuthorizationRequest;
    try {
      asked = readAuthorizationRequest(query, { ...caller, host: request.hostname });
    } catch (error) {
      if (!(error instanceof EntraFault)) throw error;
      sendReply(response, caller.reply, toErrorFields(error));
      return;
    }
    const { prompt, loginHint: hint } = asked;
    if (prompt === 'none') {
      const session = findSession(world, request);
      const fitting = fittingAccounts(world, caller, { accounts: session?.accounts ?? [], hint });
      const purpose = { type: 'signIn', request: asked } as const;
      const flow = openFlow(world, { caller, sessionId: session?.id ?? '', purpose });
      flow.account = fitting.length === 1 ? (fitting[0] ?? null) : null;
      world.signIn.flows.delete(flow.id);
      try {
        requireSilence(stepSilently(world, flow), { count: fitting.length, app: caller.client.registration });
        if (flow.account !== null) finish(flow, flow.account, response);
      } catch (error) {
        if (!(error instanceof EntraFault)) throw error;
        sendReply(response, caller.reply, toErrorFields(error));
      }
      return;
    }
    refuseForeigner(world, caller, hint);
    const session = obtainSession(world, request, response);
    const flow = openFlow(world, { caller, sessionId: session.id, purpose: { type: 'signIn', request: asked } });
    const fitting = fittingAccounts(world, caller, { accounts: session.accounts, hint });
    if (fitting.length === 1 && (prompt === '' || prompt === 'consent')) flow.account = fitting[0] ?? null;
    const search = flow.account === null && hint !== undefined ? `?search=${encodeURIComponent(hint)}` : '';
    response.redirect(302, `${flowAddress(flow)}${search}`);
  };

/** The consent of an administrator for everyone; refusing goes back with permission_denied (contract 8.1). */
export const startAdminConsent =
  (world: World) =>
  (request: Request<{ tenant: string }>, response: Response): void => {
    const query = readQuery(request.query);
    if (query.redirect_uri === undefined) throw FAULTS.missing('redirect_uri');
    const caller = readCaller(world, request.params.tenant, { ...query, response_mode: 'query' });
    const session = obtainSession(world, request, response);
    const scopes = query.scope === undefined ? null : query.scope.split(' ').filter((name) => name !== '');
    const flow = openFlow(world, { caller, sessionId: session.id, purpose: { type: 'adminConsent', scopes } });
    response.redirect(302, flowAddress(flow));
  };
