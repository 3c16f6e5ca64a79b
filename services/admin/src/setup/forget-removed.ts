import { listCredentials, type IntegrationSettings } from '@muster/contracts';
import { everyPart, type Now, type Part } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { mayForget } from './domain/may-forget.js';

export type ForgetOptions = {
  store: {
    integrations: Pick<Store['integrations'], 'all' | 'replace'>;
    subscriptions: Pick<Store['subscriptions'], 'ofIntegration'>;
    tokenCaches: Pick<Store['tokenCaches'], 'get' | 'remove'>;
  };
  logger: Logger;
  now: Now;
};

const EVERY_MS = 60_000;

/** Erases secrets, certificates and tokens of integrations that were removed and unsubscribed. Any copy may, twice too. */
export const createForgetRemoved =
  ({ store, logger, now }: ForgetOptions): (() => Promise<void>) =>
  async () => {
    const all = await store.integrations.all();
    for (const settings of all.filter(({ state }) => state === 'removed')) {
      const { integrationId, revision } = settings;
      const hasTokens = (await store.tokenCaches.get(integrationId)) !== null;
      if (!hasTokens && !holdsCredentials(settings)) continue;
      if (!mayForget(settings, await store.subscriptions.ofIntegration(integrationId), now())) continue;
      if (hasTokens) await store.tokenCaches.remove(integrationId);
      if (holdsCredentials(settings))
        await store.integrations.replace(
          { ...settings, secrets: [], certificate: null, activeSlot: null, revision: revision + 1 },
          revision,
        );
      logger.info({ integrationId }, 'credentials of a removed integration erased');
    }
  };

const holdsCredentials = (settings: IntegrationSettings): boolean => listCredentials(settings).length > 0;

export const forgetRemovedPart = (options: ForgetOptions): Part =>
  everyPart({ name: 'forget', everyMs: EVERY_MS, run: createForgetRemoved(options), logger: options.logger });
