import type { IntegrationSettings } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';

export type IntegrationsCache = () => Promise<ReadonlyMap<string, IntegrationSettings>>;

/** Every integration by id, at most `maxAgeMs` old; asked once for all who wait. */
export function createIntegrationsCache(
  integrations: Pick<Store['integrations'], 'all'>,
  now: Now,
  maxAgeMs = 2_000,
): IntegrationsCache {
  let held: ReadonlyMap<string, IntegrationSettings> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<ReadonlyMap<string, IntegrationSettings>> | undefined;
  const read = async (): Promise<ReadonlyMap<string, IntegrationSettings>> => {
    const begun = now().getTime();
    const all = await integrations.all();
    held = new Map(all.map((settings) => [settings.integrationId, settings]));
    readAt = begun;
    return held;
  };
  return async () => {
    if (now().getTime() - readAt < maxAgeMs) return held;
    reading ??= read().finally(() => (reading = undefined));
    return reading;
  };
}
