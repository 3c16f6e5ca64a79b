import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { guid, isFailure, type CloudName, type IntegrationSettings } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import { toSecretContext, type Sealer, type Store } from '@muster/store';
import { Problem } from '../http/problem.js';
import { defineRoute, nothing, type Route } from '../http/route.js';
import { findIntegration, listIntegrations } from '../keys/principal.js';
import type { AskReconciler } from '../sync/ask-reconciler.js';
import { toFreeSlot, toSecretRemarks, useSecret } from './domain/secret.js';
import { toEditWishes } from './domain/sync-wishes.js';
import {
  integrationEdit,
  integrationView,
  newIntegration,
  remarks,
  toIntegrationView,
  type IntegrationEdit,
  type NewIntegration,
} from './integration-schemas.js';
import { saveIntegration, toEtag } from './save-integration.js';

export type IntegrationRoutesOptions = {
  store: Pick<Store, 'integrations'>;
  sealer: Sealer;
  askReconciler: AskReconciler;
  defaultCloud: CloudName;
  now: Now;
};

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
      await insert(integrations, settings);
      const { integrationId } = settings;
      return {
        body: { ...toIntegrationView(settings), remarks: toSecretRemarks(body.secretExpiresAt, now()) },
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
    summary: 'Change some fields; needs If-Match',
    tag: 'integrations',
    params,
    body: integrationEdit(now),
    ifMatch: 'required',
    answer: { status: 200, description: 'The integration as it is now.', schema: viewWithRemarks },
    errors: [404, 409, 412, 428],
    handle: async ({ params: { integrationId }, body, principal, ifMatch }) => {
      const before = await findIntegration(integrations, principal, integrationId);
      const change = toChange(before, body, options);
      const after = await saveIntegration({ integrations, before, change, ifMatch, now });
      await askReconciler(after, toEditWishes(before, after), principal);
      const said = body.secretExpiresAt === undefined ? [] : toSecretRemarks(body.secretExpiresAt, now());
      return { body: { ...toIntegrationView(after), remarks: said }, headers: { ETag: toEtag(after) } };
    },
  });

  const remove = defineRoute({
    method: 'delete',
    path: '/integrations/{integrationId}',
    summary: 'Remove: unsubscribed, its events are dropped; may be repeated',
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

type Sealing = Pick<IntegrationRoutesOptions, 'sealer' | 'now'>;
type TypedSecret = { clientSecret: string; secretExpiresAt: string };

function sealSecret(
  settings: Pick<IntegrationSettings, 'integrationId' | 'activeSlot' | 'secrets'>,
  { clientSecret, secretExpiresAt }: TypedSecret,
  { sealer, now }: Sealing,
) {
  const slot = toFreeSlot(settings);
  return useSecret(settings, {
    slot,
    sealed: sealer.seal(clientSecret, toSecretContext(settings.integrationId, slot)),
    hint: clientSecret.slice(-4),
    expiresAt: new Date(secretExpiresAt).toISOString(),
    addedAt: now().toISOString(),
  });
}

function toDraft(body: NewIntegration, options: IntegrationRoutesOptions): IntegrationSettings {
  const integrationId = randomUUID();
  const { clientSecret, secretExpiresAt, cloud = options.defaultCloud, ...typed } = body;
  const createdAt = options.now().toISOString();
  return {
    integrationId,
    ...typed,
    cloud,
    ...sealSecret({ integrationId, secrets: [], activeSlot: null }, { clientSecret, secretExpiresAt }, options),
    consent: 'application',
    state: 'draft',
    revision: 1,
    createdAt,
    updatedAt: createdAt,
    startedAt: null,
  };
}

function toChange(before: IntegrationSettings, edit: IntegrationEdit, sealing: Sealing): Partial<IntegrationSettings> {
  const { clientSecret, secretExpiresAt, ...typed } = edit;
  const change = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined));
  if (clientSecret === undefined || secretExpiresAt === undefined) return change;
  return { ...change, ...sealSecret(before, { clientSecret, secretExpiresAt }, sealing) };
}

async function insert(integrations: Store['integrations'], settings: IntegrationSettings): Promise<void> {
  try {
    await integrations.insert(settings);
  } catch (error) {
    if (!isFailure(error) || error.code !== 'integration.tenant-taken') throw error;
    throw new Problem(409, 'This tenant has an integration already. Edit that one, or remove it first.', {
      problems: [
        { field: 'tenantId', problem: 'is taken', cure: 'See GET /api/v1/integrations for the one that has it.' },
      ],
      cause: error,
    });
  }
}
