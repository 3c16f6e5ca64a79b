import { z } from 'zod';
import {
  credentialSlot,
  guid,
  listCredentials,
  type CredentialSlot,
  type IntegrationSettings,
} from '@muster/contracts';
import { notFound, Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration, type Principal } from '../keys/principal.js';
import { putSecret } from './domain/secret.js';
import { toRepairWish } from './domain/sync-wishes.js';
import { isReady } from './domain/verdict.js';
import { fields, typedCertificate } from './integration-schemas.js';
import { proveCredential, requireProved } from './prove-credential.js';
import { saveIntegration, toEtag } from './save-integration.js';
import { toCertificateSlot, toSecretSlot } from './seal-secret.js';
import { credentialsView, toCredentialsView } from './secret-schemas.js';
import type { SetupOptions } from './setup-options.js';
import { toVerdictView, verdictView } from './verdict-view.js';

const params = z.object({ integrationId: guid });
const slotParams = params.extend({ slot: credentialSlot });
const changed = { status: 200 as const, description: 'All credentials as they are now.', schema: credentialsView };

/** Two secrets and a certificate: a new one is entered beside the old, tested, switched to. Values never come back. */
export function secretRoutes(options: SetupOptions): Route[] {
  const { store, sealer, askReconciler, now } = options;
  const { integrations } = store;

  const answer = (settings: IntegrationSettings) => ({
    body: toCredentialsView(settings, now()),
    headers: { ETag: toEtag(settings) },
  });
  type Change = (before: IntegrationSettings) => Partial<IntegrationSettings> | Promise<Partial<IntegrationSettings>>;
  type Edit = { integrationId: string; principal: Principal; ifMatch: number | null };
  const edit = async ({ integrationId, principal, ifMatch }: Edit, toChange: Change) => {
    const before = await findIntegration(integrations, principal, integrationId);
    return saveIntegration({ integrations, before, change: await toChange(before), ifMatch, now });
  };

  const list = defineRoute({
    method: 'get',
    path: '/integrations/{integrationId}/secrets',
    summary: 'Credentials of the app: hints, ends, warnings; never their values',
    tag: 'setup',
    params,
    answer: changed,
    errors: [404],
    handle: async ({ params: { integrationId }, principal }) =>
      answer(await findIntegration(integrations, principal, integrationId)),
  });

  const put = defineRoute({
    method: 'put',
    path: '/integrations/{integrationId}/secrets/{slot}',
    summary: 'Enter a client secret beside the one in use; nothing switches yet',
    tag: 'setup',
    params: params.extend({ slot: z.enum(['a', 'b']) }),
    body: z.strictObject({ clientSecret: fields(now).clientSecret, secretExpiresAt: fields(now).secretExpiresAt }),
    ifMatch: 'required',
    answer: changed,
    errors: [404, 409, 412, 428],
    handle: async ({ params: { integrationId, slot }, body, principal, ifMatch }) => {
      const after = await edit({ integrationId, principal, ifMatch }, (before) => {
        if (before.activeSlot === slot) throw inUse(slot);
        return putSecret(before, toSecretSlot(before, slot, { typed: body, sealer, now: now() }));
      });
      return answer(after);
    },
  });

  const putCertificate = defineRoute({
    method: 'put',
    path: '/integrations/{integrationId}/certificate',
    summary: 'Enter a certificate with its private key, in place of a secret; nothing switches yet',
    tag: 'setup',
    params,
    body: typedCertificate,
    ifMatch: 'required',
    answer: changed,
    errors: [404, 409, 412, 428],
    handle: async ({ params: { integrationId }, body, principal, ifMatch }) => {
      const after = await edit({ integrationId, principal, ifMatch }, (before) => {
        // What is not usable is told first.
        const certificate = toCertificateSlot(before, { typed: body, sealer, now: now() });
        if (before.activeSlot === 'certificate') throw inUse('certificate');
        return { certificate };
      });
      return answer(after);
    },
  });

  const test = defineRoute({
    method: 'post',
    path: '/integrations/{integrationId}/secrets/{slot}/test',
    summary: 'Sign in with it, whatever is in use; changes nothing',
    tag: 'setup',
    params: slotParams,
    answer: {
      status: 200,
      description: 'Whether Microsoft takes it.',
      schema: z.object({ ok: z.boolean(), verdicts: z.array(verdictView) }),
    },
    errors: [404],
    handle: async ({ params: { integrationId, slot }, principal }) => {
      const settings = await findIntegration(integrations, principal, integrationId);
      const verdicts = await proveCredential(settings, slot, options);
      return { body: { ok: isReady(verdicts), verdicts: verdicts.map((verdict) => toVerdictView(verdict, settings)) } };
    },
  });

  const use = defineRoute({
    method: 'post',
    path: '/integrations/{integrationId}/secrets/{slot}/use',
    summary: 'Test it, then switch to it; the former one stays beside it',
    tag: 'setup',
    params: slotParams,
    ifMatch: 'optional',
    answer: changed,
    errors: [404, 409, 412],
    handle: async ({ params: { integrationId, slot }, principal, ifMatch }) => {
      const after = await edit({ integrationId, principal, ifMatch }, async (before) => {
        await requireProved(before, slot, { ...options, refusal: 'Not switched' });
        return { activeSlot: slot };
      });
      // What came while the old one no longer worked is caught up with at once.
      if (after.state === 'active')
        await askReconciler(after, [toRepairWish(after, 'another credential is in use')], principal);
      return answer(after);
    },
  });

  const remove = defineRoute({
    method: 'delete',
    path: '/integrations/{integrationId}/secrets/{slot}',
    summary: 'Remove one that is not in use',
    tag: 'setup',
    params: slotParams,
    ifMatch: 'optional',
    answer: changed,
    errors: [404, 409, 412],
    handle: async ({ params: { integrationId, slot }, principal, ifMatch }) => {
      const after = await edit({ integrationId, principal, ifMatch }, (before) => toRemoval(before, slot));
      return answer(after);
    },
  });

  return [list, put, putCertificate, test, use, remove];
}

const inUse = (slot: CredentialSlot): Problem =>
  new Problem(409, `The credential in slot ${slot} is in use. Enter the new one beside it, then switch to that.`);

function toRemoval(before: IntegrationSettings, slot: CredentialSlot): Partial<IntegrationSettings> {
  if (!listCredentials(before).some((credential) => credential.slot === slot))
    throw notFound('credential in this slot');
  if (before.activeSlot === slot)
    throw new Problem(409, `The credential in slot ${slot} is in use. Switch to another one first, then remove it.`);
  return slot === 'certificate'
    ? { certificate: null }
    : { secrets: before.secrets.filter((secret) => secret.slot !== slot) };
}
