import { z } from 'zod';
import { guid, type IntegrationSettings } from '@muster/contracts';
import { createSignIn } from '@muster/graph-client';
import { openCredentials } from '@muster/tenant-access';
import { notFound, Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration } from '../keys/principal.js';
import { toOwnPath } from '../sign-in/return-path.js';
import { toConsentScopes, toRedirectUri } from './domain/setup-guide.js';
import { explainRefusal, isKnownRefusal } from './explain-failure.js';
import { askMicrosoft } from './graph-of-integration.js';
import type { SetupOptions } from './setup-options.js';
import { actionView, toActionView } from './verdict-view.js';

/** The page of the dialogue that shows what came of it. */
const toDialogue = (integrationId: string): string => `/settings/integrations/microsoft-365/${integrationId}/step-4`;

/** `POST …/consent`: where the admin goes to sign in and consent. `flows` bind the way to this browser. */
export const consentRoutes = (options: SetupOptions): Route[] => [
  defineRoute({
    method: 'post',
    path: '/integrations/{integrationId}/consent',
    summary: 'Begin to sign in and consent; send this browser to the answer’s url',
    tag: 'setup',
    params: z.object({ integrationId: guid }),
    body: z.strictObject({
      returnTo: z.string().max(500).optional().describe('Path of a page here, for afterwards; default step 4.'),
    }),
    answer: {
      status: 200,
      description: 'Its cookie binds the way back to this browser; it is good for 10 minutes.',
      schema: z.object({ url: z.string(), consent: z.enum(['application', 'delegated']) }),
    },
    errors: [404, 409],
    handle: async ({ params: { integrationId }, body, principal }) => {
      const settings = await findIntegration(options.store.integrations, principal, integrationId);
      if (settings.activeSlot === null || settings.state === 'removed')
        throw new Problem(
          409,
          'This integration has no client secret and no certificate. Enter one first (PUT …/secrets/a).',
        );
      const returnTo = toOwnPath(body.returnTo ?? toDialogue(integrationId));
      const flow = options.flows.begin({ kind: 'consent', integrationId, returnTo });
      const { state } = flow;
      const { begun, adminUrl } = await askMicrosoft(async () => {
        const signIn = toConsentSignIn(settings, options);
        return {
          begun: await signIn.begin({ scopes: toConsentScopes(settings), state, prompt: 'consent' }),
          adminUrl: signIn.adminConsentUrl({ state }),
        };
      });
      const url = settings.consent === 'delegated' ? begun.url : adminUrl;
      return { body: { url, consent: settings.consent }, headers: { 'Set-Cookie': flow.toSetCookie(begun) } };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/setup/refusals/{code}',
    summary: 'What a refusal of Microsoft means, by the code that the way back from a consent carries',
    tag: 'setup',
    params: z.object({ code: z.string().max(100) }),
    query: z.strictObject({ integrationId: guid.optional().describe('Whose app the button leads to.') }),
    answer: {
      status: 200,
      description: 'One sentence, what to do, and the button for it.',
      schema: z.object({ text: z.string(), cure: z.string(), action: actionView }),
    },
    errors: [404],
    handle: async ({ params: { code }, query: { integrationId }, principal }) => {
      const { integrations } = options.store;
      const settings =
        integrationId === undefined ? null : await findIntegration(integrations, principal, integrationId);
      if (!isKnownRefusal(code)) throw notFound('such refusal');
      const { text, cure, action } = explainRefusal(code);
      const app = { cloud: settings?.cloud ?? options.defaultCloud, clientId: settings?.clientId ?? null };
      return { body: { text, cure, action: toActionView(action, app) } };
    },
  }),
];

export const toConsentSignIn = (
  settings: IntegrationSettings,
  { sealer, customCloud, publicUrl }: Pick<SetupOptions, 'sealer' | 'customCloud' | 'publicUrl'>,
) =>
  createSignIn({
    credentials: openCredentials(settings, { sealer, custom: customCloud }),
    redirectUri: toRedirectUri(publicUrl),
  });
