import type { Request } from 'express';
import { Failure, type IntegrationSettings } from '@muster/contracts';
import { readSignInReturn } from '@muster/graph-client';
import { keepConsent } from '@muster/tenant-access';
import type { Audit } from '../audit/audit.js';
import type { CallbackHandler } from '../sign-in/callback-routes.js';
import type { FinishedFlow } from '../sign-in/flows.js';
import { toConsentSignIn } from './consent-routes.js';
import { toConsentScopes } from './domain/setup-guide.js';
import { attempt } from './explain-failure.js';
import type { SetupOptions } from './setup-options.js';

export type FinishConsentOptions = Pick<SetupOptions, 'store' | 'sealer' | 'customCloud' | 'publicUrl' | 'now'> & {
  audit: Audit;
};

/** The admin who comes back from Microsoft: what was granted is kept, what was refused is one sentence and one cure. */
export const finishConsent =
  (options: FinishConsentOptions): CallbackHandler =>
  async (request, response, flow) => {
    const { integrationId } = flow;
    const settings = await options.store.integrations.get(integrationId);
    const tried = await attempt(() => takeConsent(request, { flow, settings, options }));
    await options.audit.note({
      action: 'consent',
      integrationId,
      address: request.ip ?? null,
      actor: tried.refused ? 'nobody' : tried.value,
      outcome: tried.refused ? 'refused' : 'done',
      ...(tried.refused ? { why: tried.refused.text } : {}),
    });
    // A code and no words: an address is anybody's to write.
    const said: Record<string, string> = tried.refused
      ? { consent: 'refused', consentProblem: tried.code }
      : { consent: 'granted' };
    const [path = '/', hash = ''] = flow.returnTo.split('#', 2);
    const query = new URLSearchParams(said).toString();
    response.set('Cache-Control', 'no-store');
    response.redirect(303, `${path}${path.includes('?') ? '&' : '?'}${query}${hash === '' ? '' : `#${hash}`}`);
  };

type Taking = { flow: FinishedFlow; settings: IntegrationSettings | null; options: FinishConsentOptions };

/** Answers who consented, for the audit. */
async function takeConsent(request: Request, { flow, settings, options }: Taking): Promise<string> {
  const returned = readSignInReturn(request.query);
  if (returned?.kind === 'refused') throw returned.failure;
  if (!returned || !settings || settings.state === 'removed') throw untrusted('answer');
  if (returned.kind === 'admin-consent') {
    // The address is anybody's to type: the probes that follow prove what was granted.
    if (returned.tenantId !== settings.tenantId || settings.consent !== 'application') throw untrusted('tenant');
    return `admin of ${settings.tenantId}`;
  }
  if (settings.consent !== 'delegated') throw untrusted('kind');
  const { nonce, codeVerifier } = flow;
  const signIn = toConsentSignIn(settings, options);
  const signedIn = await signIn.redeem({ code: returned.code, nonce, codeVerifier, scopes: toConsentScopes(settings) });
  await keepConsent(settings, signedIn, options);
  return `person ${signedIn.person.tenantId}/${signedIn.person.userId}`;
}

const untrusted = (claim: string): Failure =>
  new Failure('sign-in.untrusted', 'What came back from the sign-in cannot be trusted. Begin again.', {
    retryable: false,
    details: { claim },
  });
