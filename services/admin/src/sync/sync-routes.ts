import { z } from 'zod';
import { guid } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import { Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration } from '../keys/principal.js';
import { toRebuildWishes, toRepairWish, type SyncWish } from '../setup/domain/sync-wishes.js';
import { integrationView, toIntegrationView } from '../setup/integration-schemas.js';
import { saveIntegration, toEtag } from '../setup/save-integration.js';
import type { AskReconciler } from './ask-reconciler.js';
import { startIntegration } from './start-integration.js';

export type SyncRoutesOptions = { store: Pick<Store, 'integrations'>; askReconciler: AskReconciler; now: Now };

const KINDS = ['users', 'mfa', 'sweep'] as const;
const params = z.object({ integrationId: guid });
const answer = { status: 200 as const, description: 'The integration as it is now.', schema: integrationView };

/** Starting, pausing and asking for reads. */
export function syncRoutes({ store: { integrations }, askReconciler, now }: SyncRoutesOptions): Route[] {
  const start = defineRoute({
    method: 'post',
    scopes: ['operate'],
    path: '/integrations/{integrationId}/start',
    summary: 'Start, or start again; may be repeated',
    tag: 'integrations',
    params,
    ifMatch: 'optional',
    answer,
    errors: [404, 409, 412],
    handle: async ({ params: { integrationId }, principal, ifMatch }) => {
      const before = await findIntegration(integrations, principal, integrationId);
      const after = await startIntegration(before, { integrations, askReconciler, now, principal, ifMatch });
      return { body: toIntegrationView(after), headers: { ETag: toEtag(after) } };
    },
  });

  const pause = defineRoute({
    method: 'post',
    scopes: ['operate'],
    path: '/integrations/{integrationId}/pause',
    summary: 'Pause: subscriptions stay, nothing is read',
    tag: 'integrations',
    params,
    ifMatch: 'optional',
    answer,
    errors: [404, 409, 412],
    handle: async ({ params: { integrationId }, principal, ifMatch }) => {
      const before = await findIntegration(integrations, principal, integrationId);
      if (before.state === 'draft')
        throw new Problem(409, 'This integration was never started; there is nothing to pause.');
      const after =
        before.state === 'paused'
          ? before
          : await saveIntegration({ integrations, before, change: { state: 'paused' }, ifMatch, now });
      return { body: toIntegrationView(after), headers: { ETag: toEtag(after) } };
    },
  });

  const reconcile = defineRoute({
    method: 'post',
    scopes: ['operate'],
    path: '/integrations/{integrationId}/reconcile',
    summary: 'Ask the reconciler to look',
    tag: 'integrations',
    params,
    body: z.strictObject({
      kind: z
        .enum(KINDS)
        .describe(
          '`sweep`: the cheapest read that repairs, which is the MFA report where User Sync is off; else a full read.',
        ),
    }),
    answer: {
      status: 202,
      description: 'The reconciler will look; GET /integrations/{integrationId}/runs shows how it goes.',
      schema: z.object({ integrationId: z.string(), kind: z.enum(KINDS).describe('What is read.') }),
    },
    errors: [404, 409],
    handle: async ({ params: { integrationId }, body: { kind }, principal }) => {
      const settings = await findIntegration(integrations, principal, integrationId);
      if (settings.state !== 'active')
        throw new Problem(409, `This integration is ${settings.state}; start it, then ask again.`);
      const needs = { users: 'userSync', mfa: 'mfaVerification', sweep: null } as const;
      const feature = needs[kind];
      if (feature !== null && !settings.features[feature])
        throw new Problem(409, `The feature ${feature} is off for this integration; turn it on first.`);
      const reason = 'asked for by API';
      const wish: SyncWish = kind === 'sweep' ? toRepairWish(settings, reason) : { type: kind, reason };
      await askReconciler(settings, [wish], principal);
      return { body: { integrationId, kind: wish.type } };
    },
  });

  const rebuild = defineRoute({
    method: 'post',
    scopes: ['operate'],
    path: '/integrations/{integrationId}/rebuild',
    summary: 'Bring every document in line with a full read; nothing is emptied meanwhile',
    tag: 'integrations',
    params,
    answer: {
      status: 202,
      description: 'The reads are asked for; GET /integrations/{integrationId}/runs shows how they go.',
      schema: z.object({ integrationId: z.string(), reads: z.array(z.enum(['users', 'mfa'])) }),
    },
    errors: [404, 409],
    handle: async ({ params: { integrationId }, principal }) => {
      const settings = await findIntegration(integrations, principal, integrationId);
      if (settings.state !== 'active')
        throw new Problem(409, `This integration is ${settings.state}; start it, then ask again.`);
      const wishes = toRebuildWishes(settings);
      await askReconciler(settings, wishes, principal);
      return { body: { integrationId, reads: wishes.map(({ type }) => type) } };
    },
  });

  return [start, pause, reconcile, rebuild];
}
