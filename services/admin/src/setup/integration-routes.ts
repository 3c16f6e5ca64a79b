import { z } from 'zod';
import { guid, type CloudName, type IntegrationSettings } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Sealer, Store } from '@muster/store';
import { defineRoute, nothing, type Route } from '../http/route.js';
import { findIntegration, listIntegrations } from '../keys/principal.js';
import type { AskReconciler } from '../sync/ask-reconciler.js';
import { insertIntegration, sealSecret, toDraft, type Sealing } from './create-integration.js';
import { toSecretRemarks } from './domain/secret.js';
import { toEditWishes } from './domain/sync-wishes.js';
import {
  integrationEdit,
  integrationView,
  newIntegration,
  remarks,
  toIntegrationView,
  type IntegrationEdit,
} from './integration-schemas.js';
import { isUntried, requireProved } from './prove-credential.js';
import { saveIntegration, toEtag } from './save-integration.js';
import type { SetupOptions } from './setup-options.js';

export type IntegrationRoutesOptions = {
  store: Pick<Store, 'integrations'>;
  sealer: Sealer;
  askReconciler: AskReconciler;
  defaultCloud: CloudName;
  now: Now;
} & Pick<SetupOptions, 'graphOf' | 'customCloud'>;

const params = z.object({ integrationId: guid });
const viewWithRemarks = integrationView.extend({ remarks });

export function integrationRoutes(options: IntegrationRoutesOptions): Route[] {
  const { store, askReconciler, now } = options;
  const { integrations } = store;

  const list = defineRoute({
    method: 'get',
    path: '/integrations',
    summary: 'Integrations that this key may see; removed ones are left out',
    tag: 'integrations',
    answer: { status: 200, description: 'All of them.', schema: z.object({ items: z.array(integrationView) }) },
    handle: async ({ principal }) => {
      const settings = await listIntegrations(integrations, principal);
      return { body: { items: settings.map((one) => toIntegrationView(one)) } };
    },
  });

  const create = defineRoute({
    method: 'post',
    path: '/integrations',
    summary: 'Create an integration as a draft; nothing runs yet',
    tag: 'integrations',
    operatorOnly: true,
    body: newIntegration(now),
    answer: { status: 201, description: 'The draft; Location says where.', schema: viewWithRemarks },
    errors: [409],
    handle: async ({ body }) => {
      const settings = toDraft(body, options);
      await insertIntegration(integrations, settings);
      const { integrationId } = settings;
      return {
        body: { ...toIntegrationView(settings), remarks: toRemarks(body.secretExpiresAt, now()) },
        headers: { ETag: toEtag(settings), Location: `/api/v1/integrations/${integrationId}` },
      };
    },
  });

  const get = defineRoute({
    method: 'get',
    path: '/integrations/{integrationId}',
    summary: 'One integration, with its ETag',
    tag: 'integrations',
    params,
    answer: { status: 200, description: 'The integration.', schema: integrationView },
    errors: [404],
    handle: async ({ params: { integrationId }, principal }) => {
      const settings = await findIntegration(integrations, principal, integrationId);
      return { body: toIntegrationView(settings), headers: { ETag: toEtag(settings) } };
    },
  });

  const edit = defineRoute({
    method: 'patch',
    path: '/integrations/{integrationId}',
    summary:
      'Change some fields; needs If-Match. Another app or secret of an integration that was started is tried first',
    tag: 'integrations',
    params,
    body: integrationEdit(now),
    ifMatch: 'required',
    answer: { status: 200, description: 'The integration as it is now.', schema: viewWithRemarks },
    errors: [404, 409, 412, 428],
    handle: async ({ params: { integrationId }, body, principal, ifMatch }) => {
      const before = await findIntegration(integrations, principal, integrationId);
      const change = toChange(before, body, options);
      const wanted = { ...before, ...change };
      if (wanted.activeSlot !== null && isUntried(before, wanted))
        await requireProved(wanted, wanted.activeSlot, { ...options, refusal: 'Nothing was changed' });
      const after = await saveIntegration({ integrations, before, change, ifMatch, now });
      await askReconciler(after, toEditWishes(before, after), principal);
      const said = toRemarks(body.secretExpiresAt, now());
      return { body: { ...toIntegrationView(after), remarks: said }, headers: { ETag: toEtag(after) } };
    },
  });

  const remove = defineRoute({
    method: 'delete',
    path: '/integrations/{integrationId}',
    summary:
      'Remove: unsubscribed, its events dropped, its people shown to nobody and later forgotten; may be repeated',
    tag: 'integrations',
    params,
    ifMatch: 'optional',
    answer: { status: 204, description: 'Its state is removed.', schema: nothing },
    errors: [404, 412],
    handle: async ({ params: { integrationId }, principal, ifMatch }) => {
      const before = await findIntegration(integrations, principal, integrationId);
      if (before.state !== 'removed')
        await saveIntegration({ integrations, before, change: { state: 'removed' }, ifMatch, now });
      return { body: undefined };
    },
  });

  return [list, create, get, edit, remove];
}

const toRemarks = (expiresAt: string | undefined, now: Date): string[] =>
  expiresAt === undefined ? [] : toSecretRemarks(expiresAt, now);

function toChange(before: IntegrationSettings, edit: IntegrationEdit, sealing: Sealing): Partial<IntegrationSettings> {
  const { clientSecret, secretExpiresAt, ...typed } = edit;
  const change = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined));
  if (clientSecret === undefined || secretExpiresAt === undefined) return change;
  return { ...change, ...sealSecret(before, { clientSecret, secretExpiresAt }, sealing) };
}
