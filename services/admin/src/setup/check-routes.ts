import { z } from 'zod';
import { cloudName, cloudUrls, guid, toActiveCredential, type IntegrationSettings } from '@muster/contracts';
import { openActiveProof, type OpenProof } from '@muster/store';
import { Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration, type Principal } from '../keys/principal.js';
import { isReady, type Verdict } from './domain/verdict.js';
import { askMicrosoft, toGraph } from './graph-of-integration.js';
import { proveSetup, type Proved, type ProveOptions, type SetupValues } from './prove-setup.js';
import { readCertificate } from './read-certificate.js';
import type { SetupOptions } from './setup-options.js';
import { toVerdictView, verdictView } from './verdict-view.js';

const rightView = z
  .object({
    permission: z.string(),
    state: z.enum(['proved', 'missing']),
    feature: z.enum(['userSync', 'mfaVerification', 'groupNotifications']),
    needed: z.boolean().describe('False: the feature works without it, only less well.'),
    costs: z.string().describe('What goes missing without it.'),
  })
  .meta({ id: 'SetupRight' });

const result = z
  .object({
    ok: z.boolean().describe('Everything was proved; remarks do no harm.'),
    verdicts: z.array(verdictView),
    rights: z.array(rightView).describe('Rights in the token against what the features ask.'),
    checkedAt: z.string(),
  })
  .meta({ id: 'CheckResult' });

const typedText = z.string().trim().max(1_024);
const typedPem = z.string().trim().max(16_384);

/** Anything may be typed: what is wrong with it is the answer, not an error. */
const typedSetup = z.strictObject({
  integrationId: guid.optional().describe('Fills in what is not typed from what is stored.'),
  tenantId: typedText.optional(),
  clientId: typedText.optional(),
  clientSecret: typedText.optional().describe('Used for this check only; not kept.'),
  secretExpiresAt: z.iso.datetime({ offset: true }).optional(),
  certificate: z
    .strictObject({ certificate: typedPem, privateKey: typedPem })
    .optional()
    .describe('In place of a secret; used for this check only; not kept.'),
  groupId: typedText.nullable().optional().describe('Null: everyone, whatever is stored.'),
  cloud: cloudName.optional(),
  features: z.strictObject({ userSync: z.boolean(), mfaVerification: z.boolean() }).optional(),
  consent: z.enum(['application', 'delegated']).optional().describe('On whose behalf it will read.'),
});
type TypedSetup = z.infer<typeof typedSetup>;

export function checkRoutes(options: SetupOptions): Route[] {
  const { store, sealer, graphOf, customCloud, now } = options;

  const toBody = ({ verdicts, rights }: Proved, app: Parameters<typeof toVerdictView>[1]) => ({
    ok: verdicts.length > 0 && isReady(verdicts),
    verdicts: verdicts.map((verdict) => toVerdictView(verdict, app)),
    rights,
    checkedAt: now().toISOString(),
  });

  const checkTyped = defineRoute({
    method: 'post',
    path: '/setup/check',
    changesNothing: true,
    summary: 'Prove typed values against the tenant before they are saved; changes nothing',
    tag: 'setup',
    body: typedSetup,
    answer: { status: 200, description: 'One verdict for each field that something can be said of.', schema: result },
    errors: [403, 404, 409],
    handle: async ({ body, principal }) => {
      const stored = await findStored(options, principal, body);
      const cloud = body.cloud ?? stored?.cloud ?? options.defaultCloud;
      const typed = toTypedProof(body, now());
      const values = await askMicrosoft(() => toValues(body, stored, { ...options, typed }));
      const proved = await proveSetup(values, {
        ...{ graphOf, urls: cloudUrls(cloud, customCloud), now: now() },
        ...toReader(body, stored, values, options),
      });
      // What is wrong with a certificate is not also said to be a missing secret.
      const verdicts = typed?.wrong
        ? [typed.wrong, ...proved.verdicts.filter(({ field }) => field !== 'clientSecret')]
        : proved.verdicts;
      return { body: toBody({ ...proved, verdicts }, { cloud, clientId: values.clientId }) };
    },
  });

  const checkStored = defineRoute({
    method: 'post',
    path: '/integrations/{integrationId}/check',
    summary: 'Prove against the tenant that the settings work; changes nothing',
    tag: 'setup',
    params: z.object({ integrationId: guid }),
    answer: { status: 200, description: 'What was proved and what was not.', schema: result },
    errors: [404, 409],
    handle: async ({ params: { integrationId }, principal }) => {
      const settings = await findIntegration(store.integrations, principal, integrationId);
      const { cloud, tenantId, clientId, groupId, features } = settings;
      const credential = toActiveCredential(settings);
      if (!credential)
        throw new Problem(
          409,
          'This integration has no client secret and no certificate. Enter one first (PUT …/secrets/a).',
        );
      const proof = await askMicrosoft(() => openActiveProof(settings, sealer));
      const values = { tenantId, clientId, groupId, features, proof, expiresAt: credential.expiresAt };
      const proved = await proveSetup(values, {
        ...{ graphOf, urls: cloudUrls(cloud, customCloud), now: now() },
        readAs: settings.consent === 'delegated' ? () => toGraph(settings, options) : undefined,
      });
      return { body: toBody(proved, settings) };
    },
  });

  return [checkTyped, checkStored];
}

/** A tenant admin checks the own integration only: the tenant never comes from the request. */
async function findStored(
  { store }: SetupOptions,
  principal: Principal,
  { integrationId = principal.integrationId ?? undefined, tenantId }: TypedSetup,
): Promise<IntegrationSettings | null> {
  const stored =
    integrationId === undefined ? null : await findIntegration(store.integrations, principal, integrationId);
  if (principal.role !== 'operator' && tenantId !== undefined && tenantId.toLowerCase() !== stored?.tenantId)
    throw new Problem(403, 'A tenant admin may check the own tenant only; leave tenantId out.');
  return stored;
}

/** The same ids are another app in another cloud: its sign-in must not see this one's secret. */
const isSameCloud = ({ cloud }: TypedSetup, stored: IntegrationSettings): boolean =>
  cloud === undefined || cloud === stored.cloud;

/** A consent counts for the app and kind it was given for; before there is one, nobody can read. */
function toReader(
  typed: TypedSetup,
  stored: IntegrationSettings | null,
  { tenantId, clientId }: SetupValues,
  options: SetupOptions,
): Pick<ProveOptions, 'readAs'> {
  if ((typed.consent ?? stored?.consent) !== 'delegated') return {};
  const isConsented =
    stored?.consent === 'delegated' &&
    stored.tenantId === tenantId &&
    stored.clientId === clientId &&
    isSameCloud(typed, stored);
  return { readAs: isConsented ? () => toGraph(stored, options) : null };
}

type TypedProof =
  { proof: OpenProof; expiresAt: string | null; wrong?: never } | { proof: null; expiresAt: null; wrong: Verdict };

/** Null: nothing of the kind is typed. */
function toTypedProof({ clientSecret, secretExpiresAt, certificate }: TypedSetup, now: Date): TypedProof | null {
  if (clientSecret !== undefined && clientSecret !== '')
    return { proof: { clientSecret }, expiresAt: secretExpiresAt ?? null };
  if (certificate === undefined) return null;
  try {
    const { expiresAt, ...proof } = readCertificate(certificate, now);
    return { proof: { certificate: proof }, expiresAt };
  } catch (error) {
    const [wrong] = error instanceof Problem ? (error.problems ?? []) : [];
    if (!wrong) throw error;
    const text = `The ${wrong.field === 'privateKey' ? 'private key' : 'certificate'} ${wrong.problem}.`;
    return { proof: null, expiresAt: null, wrong: { field: 'certificate', state: 'problem', text, cure: wrong.cure } };
  }
}

/** Stored credentials are tried on what they were stored for, on nothing else. */
function toValues(
  setup: TypedSetup,
  stored: IntegrationSettings | null,
  { sealer, typed }: Pick<SetupOptions, 'sealer'> & { typed: TypedProof | null },
): SetupValues {
  const tenantId = toId(setup.tenantId) ?? stored?.tenantId ?? null;
  const clientId = toId(setup.clientId) ?? stored?.clientId ?? null;
  const sameApp =
    stored !== null && tenantId === stored.tenantId && clientId === stored.clientId && isSameCloud(setup, stored);
  const credential = sameApp ? toActiveCredential(stored) : null;
  return {
    tenantId,
    clientId,
    proof: typed ? typed.proof : credential && stored && openActiveProof(stored, sealer),
    expiresAt: typed ? typed.expiresAt : (setup.secretExpiresAt ?? credential?.expiresAt ?? null),
    groupId: setup.groupId === undefined ? (stored?.groupId ?? null) : toId(setup.groupId ?? undefined),
    features: setup.features ?? stored?.features ?? { userSync: true, mfaVerification: true },
  };
}

const toId = (text: string | undefined): string | null =>
  text === undefined || text === '' ? null : text.toLowerCase();
