import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { Tenant } from '../tenant/tenant.js';
import { findUser } from '../tenant/tenant.js';
import type { User } from '../tenant/user.js';
import type { World } from '../world.js';
import { listChoices } from './accounts.js';
import { flowAddress } from './authorize.js';
import { obtainPrincipal } from './clients.js';
import { recordAdminConsent, recordConsent } from './consent.js';
import { FAULTS } from './entra-fault.js';
import type { Flow, Step } from './flow.js';
import { clientOf } from './flow.js';
import { issueCode } from './grants.js';
import { toAccountPage } from './pages/account-page.js';
import { toAdminConsentPage, toApprovalPage, toAsked, toAskedRoles, toConsentPage } from './pages/consent-page.js';
import { sendPage, sendReply, toErrorFields } from './reply.js';
import type { Account } from './state.js';
import { toClientInfo } from './user-tokens.js';

/** Signed in and consented: the app gets its code. */
export const finishSignIn =
  (world: World) =>
  (flow: Flow, account: Account, response: Response): void => {
    if (flow.purpose.type !== 'signIn') return;
    const { scopes, nonce, challenge } = flow.purpose.request;
    const { registration } = flow.client;
    const code = issueCode(world, {
      ...account,
      clientId: registration.clientId,
      redirectUri: flow.reply.redirectUri,
      isSpa: flow.isSpa,
      ...{ scopes, nonce, challenge },
    });
    world.signIn.flows.delete(flow.id);
    sendReply(response, flow.reply, {
      code,
      client_info: toClientInfo(account.tenantId, account.userId),
      session_state: randomUUID(),
    });
  };

const chosen = (world: World, { account }: Flow): { tenant: Tenant; user: User } => {
  const tenant = account === null ? undefined : world.tenants.get(account.tenantId);
  const user = account === null || tenant === undefined ? undefined : findUser(tenant, account.userId);
  if (tenant === undefined || user === undefined) throw FAULTS.noSession();
  return { tenant, user };
};

const rolesAsked = ({ purpose, client: { registration } }: Flow) =>
  purpose.type === 'adminConsent' && purpose.scopes === null ? registration.requested : [];
const scopesAsked = ({ purpose, client: { registration } }: Flow) =>
  purpose.type === 'adminConsent' && purpose.scopes !== null ? purpose.scopes : registration.requestedScopes;

/** The page for where the walk stands. */
export const showStep = (
  world: World,
  { flow, step, search, from }: { flow: Flow; step: Exclude<Step, { type: 'done' }>; search: string; from: number },
  response: Response,
): void => {
  const base = flowAddress(flow);
  const { redirectUri } = flow.reply;
  const app = flow.client.registration;
  const send = (page: string) => sendPage(response, page, { backTo: redirectUri });
  if (step.type === 'account') {
    const { tenant } = flow;
    const forAdmin = flow.purpose.type === 'adminConsent';
    const found = listChoices(world, { tenant, search, from });
    const names = { app: app.displayName, tenant: tenant?.name ?? null };
    send(toAccountPage({ ...found, ...names, base, search, from, forAdmin }));
    return;
  }
  const parts = { base, app, redirectUri, ...chosen(world, flow) };
  switch (step.type) {
    case 'consent':
      send(toConsentPage({ ...parts, asked: toAsked(step.scopes), mayGrantForAll: step.mayGrantForAll }));
      return;
    case 'adminConsent':
      send(
        toAdminConsentPage({
          ...parts,
          roles: toAskedRoles(rolesAsked(flow)),
          scopes: toAsked(scopesAsked(flow)).map((asked) => ({ ...asked, needsAdmin: false })),
        }),
      );
      return;
    case 'approval': {
      const mayAsk = flow.purpose.type === 'signIn';
      const asked = mayAsk ? toAsked(step.scopes) : toAskedRoles(step.scopes);
      send(toApprovalPage({ ...parts, asked, mayAsk }));
    }
  }
};

export type Decision = { readonly decision: 'accept' | 'refuse' | 'leave' | 'ask'; readonly forAll: boolean };
type Deciding = { readonly flow: Flow; readonly step: Step; readonly account: Account };

const refuse = (
  world: World,
  { flow, response }: { flow: Flow; response: Response },
  fields: Record<string, string | undefined>,
) => {
  world.signIn.flows.delete(flow.id);
  sendReply(response, flow.reply, fields);
};

const decideForAll = (world: World, { flow, account }: Deciding, response: Response) => {
  const { tenant } = chosen(world, flow);
  const client = clientOf(world, flow, account);
  const principal = obtainPrincipal(world, tenant, client);
  const scopes = flow.purpose.type === 'adminConsent' ? flow.purpose.scopes : null;
  if (scopes === null) recordAdminConsent(principal, client.registration);
  else
    recordConsent(principal, { userId: account.userId, scopes: toAsked(scopes).map(({ name }) => name), forAll: true });
  world.signIn.flows.delete(flow.id);
  sendReply(response, flow.reply, {
    admin_consent: 'True',
    tenant: tenant.id,
    ...(scopes !== null && { scope: scopes.join(' ') }),
  });
};

const decideApproval = (
  world: World,
  { flow, step, account }: Deciding,
  { decision, response }: { decision: Decision['decision']; response: Response },
) => {
  const { clientId, displayName } = flow.client.registration;
  if (flow.purpose.type === 'adminConsent') {
    refuse(
      world,
      { flow, response },
      { error: 'permission_denied', error_description: 'The admin canceled the request' },
    );
    return;
  }
  if (decision !== 'ask') {
    refuse(world, { flow, response }, toErrorFields(FAULTS.adminNeeded(displayName)));
    return;
  }
  const scopes = step.type === 'approval' ? step.scopes : [];
  world.signIn.consentRequests.push({ ...account, clientId, scopes, at: world.clock.now() });
  refuse(world, { flow, response }, toErrorFields(FAULTS.adminAsked(displayName)));
};

/** Takes the decision of the page that was shown; returns whether the walk goes on. */
export const decide = (
  world: World,
  deciding: Deciding,
  { decision, forAll, response }: Decision & { response: Response },
): boolean => {
  const { flow, step, account } = deciding;
  switch (step.type) {
    case 'approval':
      decideApproval(world, deciding, { decision, response });
      return false;
    case 'adminConsent':
      if (decision === 'accept') decideForAll(world, deciding, response);
      else
        refuse(
          world,
          { flow, response },
          { error: 'permission_denied', error_description: 'The admin canceled the request' },
        );
      return false;
    case 'consent': {
      if (decision !== 'accept') {
        refuse(world, { flow, response }, toErrorFields(FAULTS.declined()));
        return false;
      }
      const { tenant } = chosen(world, flow);
      const principal = obtainPrincipal(world, tenant, clientOf(world, flow, account));
      recordConsent(principal, { userId: account.userId, scopes: step.scopes, forAll: forAll && step.mayGrantForAll });
      flow.consented = true;
      return true;
    }
    default:
      return true;
  }
};
