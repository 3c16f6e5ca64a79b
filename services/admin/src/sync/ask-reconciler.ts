import type { IntegrationSettings, SyncRequest } from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import { toRequester, type Principal } from '../keys/principal.js';
import type { SyncWish } from '../setup/domain/sync-wishes.js';

export type AskReconciler = (
  settings: IntegrationSettings,
  wishes: readonly SyncWish[],
  principal: Principal,
) => Promise<void>;

/** Resolves once the wishes are in Kafka; the reconciler takes them from there. */
export const createAskReconciler =
  (publisher: Publisher, now: Now): AskReconciler =>
  async ({ integrationId, tenantId }, wishes, principal) => {
    if (wishes.length === 0) return;
    const values: SyncRequest[] = wishes.map((wish) => ({
      version: 1,
      ...wish,
      integrationId,
      tenantId,
      requestedBy: toRequester(principal),
      requestedAt: now().toISOString(),
    }));
    await publisher.publish(values.map((value) => ({ topic: 'requests', key: tenantId, value })));
  };
