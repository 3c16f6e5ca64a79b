import { Router, type Request, type Response } from 'express';
import { guid, isFailure, type CloudUrls, type Failure, type IntegrationSettings } from '@muster/contracts';
import { createSignIn, readSignInReturn, type SignedInPerson } from '@muster/graph-client';
import type { Now } from '@muster/runtime';
import type { IntegrationsStore, Sealer } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { openCredentials } from '@muster/tenant-access';
import type { Audit, AuditNote } from '../audit/audit.js';
import type { Gate } from '../gate/create-gate.js';
import { toGateWords } from '../gate/domain/judge-gate.js';
import type { RateLimits } from '../keys/rate-limits.js';
import type { Sessions } from '../sessions/sessions.js';
import { explainFailure } from '../setup/explain-failure.js';
import { CALLBACK_PATH, type CallbackHandler } from './callback-routes.js';
import type { FinishedFlow, Flows } from './flows.js';
import { toOwnPath } from './return-path.js';
import { STYLE, STYLE_PATH, sendTrouble } from './trouble-page.js';

export type SignInOptions = {
  integrations: IntegrationsStore;
  flows: Flows;
  sessions: Pick<Sessions, 'begin'>;
  gate: Gate;
  audit: Audit;
  limits: Pick<RateLimits, 'signIn'>;
  sealer: Sealer;
  customCloud: CloudUrls;
  publicUrl: string;
  operators: readonly string[];
  hasBreakGlass: boolean;
  logger: Logger;
  now: Now;
};

/** Nothing of Graph is asked on the person's behalf: who it is suffices. */
const SCOPES: readonly string[] = [];

/** Each integration's own address; everything that may go wrong there is one sentence and one button. */
export function createSignInRouter(options: SignInOptions): Router {
  const { integrations, flows, limits, logger } = options;
  const router = Router();

  router.get('/sign-in', async (request, response, next) => {
    if (request.accepts(['json', 'html']) === 'json') response.json(await listChoices(options));
    else next();
  });

  router.get(STYLE_PATH, (_request, response) => {
    response.type('css').send(STYLE);
  });

  router.get('/sign-in/:integrationId', limits.signIn, async (request, response) => {
    const settings = await findOpen(integrations, request.params.integrationId);
    if (!settings) {
      const text = 'There is no such sign-in address. Ask whoever gave it to you for the right one.';
      sendTrouble(response, { status: 404, text, again: null });
      return;
    }
    const { integrationId } = settings;
    const flow = flows.begin({ kind: 'sign-in', integrationId, returnTo: toOwnPath(request.query.returnTo) });
    try {
      const { url, nonce, codeVerifier } = await toSignIn(settings, options).begin({
        scopes: SCOPES,
        state: flow.state,
      });
      response.append('Set-Cookie', flow.toSetCookie({ nonce, codeVerifier })).set('Cache-Control', 'no-store');
      response.redirect(302, url);
    } catch (error) {
      if (!isFailure(error)) throw error;
      logger.warn({ err: error, integrationId }, 'nobody can be sent to sign in');
      sendTrouble(response, { ...toTrouble(error.message, error.retryable), again: `/sign-in/${integrationId}` });
    }
  });
  return router;
}

/** The one who comes back: proved by Microsoft, then by the gate. */
export const finishSignIn =
  (options: SignInOptions): CallbackHandler =>
  async (request, response, flow) => {
    const again = `/sign-in/${flow.integrationId}?returnTo=${encodeURIComponent(flow.returnTo)}`;
    const note = (rest: Pick<AuditNote, 'actor' | 'outcome'> & Partial<AuditNote>): Promise<void> =>
      options.audit.note({
        action: 'sign-in',
        integrationId: flow.integrationId,
        address: request.ip ?? null,
        ...rest,
      });
    try {
      const settings = await findOpen(options.integrations, flow.integrationId);
      const person = settings && (await redeem(request, { flow, settings, options }));
      if (!settings || !person) {
        sendTrouble(response, { status: 400, text: 'The answer of Microsoft cannot be read. Begin again.', again });
        return;
      }
      await admit({ request, response, flow, settings, person, again, note, options });
    } catch (error) {
      if (!isFailure(error)) throw error;
      await note({ actor: 'nobody', outcome: 'refused', why: `${error.code} ${toDetail(error.details)}`.trim() });
      sendTrouble(response, { ...toTrouble(error.message, error.retryable), again });
    }
  };

type Redeeming = { flow: FinishedFlow; settings: IntegrationSettings; options: SignInOptions };

async function redeem(request: Request, { flow, settings, options }: Redeeming): Promise<SignedInPerson | null> {
  const returned = readSignInReturn(request.query);
  if (returned?.kind === 'refused') throw returned.failure;
  if (returned?.kind !== 'code') return null;
  const { nonce, codeVerifier } = flow;
  const { person } = await toSignIn(settings, options).redeem({
    code: returned.code,
    nonce,
    codeVerifier,
    scopes: SCOPES,
  });
  return person.tenantId === settings.tenantId ? person : null;
}

type Admitting = {
  request: Request;
  response: Response;
  flow: FinishedFlow;
  settings: IntegrationSettings;
  person: SignedInPerson;
  again: string;
  note: (rest: Pick<AuditNote, 'actor' | 'outcome'> & Partial<AuditNote>) => Promise<void>;
  options: SignInOptions;
};

async function admit({ request, response, flow, settings, person, again, note, options }: Admitting): Promise<void> {
  const { integrationId } = settings;
  const { tenantId, userId } = person;
  const actor = `person ${tenantId}/${userId}`;
  const answer = await options.gate.ask(settings, userId);
  if (!answer.known) {
    const { status, why, text } = toUnknown(answer.failure);
    await note({ actor, outcome: 'refused', status, why });
    sendTrouble(response, { status, text, again });
    return;
  }
  if (!answer.verdict.allowed) {
    await note({ actor, outcome: 'refused', status: 403, why: answer.verdict.why });
    const text = `${toGateWords(answer.verdict)} Ask your administrator if that is wrong.`;
    // Microsoft asks which account each time: another one may be the right one, but not where nobody may enter.
    const retry = answer.verdict.by === 'settings' ? { again: null } : { again, button: 'Use another account' };
    sendTrouble(response, { status: 403, text, ...retry });
    return;
  }
  await options.sessions.begin(request, response, { kind: 'person', integrationId, tenantId, userId });
  await note({ actor, outcome: 'done', why: answer.verdict.why });
  response.redirect(303, flow.returnTo);
}

/** Away for now, or until an administrator mends the integration: then to try again is of no use. */
function toUnknown(failure: Failure): { status: number; why: string; text: string } {
  if (failure.retryable) {
    const text = 'Whether you may enter cannot be found out just now. Try again in a minute.';
    return { status: 503, why: 'nobody can vouch', text };
  }
  const { text: why } = explainFailure(failure);
  const text = `Whether you may enter cannot be found out. An administrator has to mend this integration: ${why}`;
  return { status: 409, why, text };
}

async function findOpen(integrations: IntegrationsStore, id: unknown): Promise<IntegrationSettings | null> {
  const integrationId = guid.safeParse(id);
  const settings = integrationId.success ? await integrations.get(integrationId.data) : null;
  return settings?.state === 'removed' ? null : settings;
}

const toSignIn = (settings: IntegrationSettings, { sealer, customCloud, publicUrl }: SignInOptions) =>
  createSignIn({
    credentials: openCredentials(settings, { sealer, custom: customCloud }),
    redirectUri: `${publicUrl}${CALLBACK_PATH}`,
  });

const toTrouble = (text: string, mayPass: boolean): { status: number; text: string } =>
  mayPass
    ? { status: 503, text: 'Microsoft’s sign-in does not answer. Try again in a minute.' }
    : { status: 403, text };

const toDetail = ({ aadsts, claim }: Readonly<Record<string, unknown>>): string =>
  typeof aadsts === 'number' ? `AADSTS${aadsts}` : typeof claim === 'string' ? claim : '';

/**
 * What a page may offer to somebody who is nobody yet: the operators' own tenants, or the only one there is, where
 * people sign in at all. Which other tenants are served is nobody's business.
 */
async function listChoices({ integrations, operators, hasBreakGlass }: SignInOptions) {
  const all = await integrations.all();
  const open = all.filter(({ state, features }) => state !== 'removed' && features.userSync);
  const homes = new Set(operators.map((name) => name.split('/')[0]?.toLowerCase()));
  const shown = open.length === 1 ? open : open.filter(({ tenantId }) => homes.has(tenantId));
  return {
    integrations: shown.map(({ integrationId, name }) => ({ integrationId, name, url: `/sign-in/${integrationId}` })),
    breakGlass: hasBreakGlass,
  };
}
