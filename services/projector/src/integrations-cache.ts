import type { IntegrationSettings } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';

type View = ReadonlyMap<string, IntegrationSettings>;
/** Every integration by id, a moment old; read anew, after the call, when that view does not do for the caller. */
export type IntegrationsCache = (isEnough?: (view: View) => boolean) => Promise<View>;

/** At most `maxAgeMs` old; asked once for all who wait. */
export function createIntegrationsCache(
  integrations: Pick<Store['integrations'], 'all'>,
  now: Now,
  maxAgeMs = 2_000,
): IntegrationsCache {
  let held: View = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<View> | undefined;
  const read = async (): Promise<View> => {
    const begun = now().getTime();
    const all = await integrations.all();
    held = new Map(all.map((settings) => [settings.integrationId, settings]));
    readAt = begun;
    return held;
  };
  const share = (): Promise<View> => (reading ??= read().finally(() => (reading = undefined)));
  return async (isEnough = () => true) => {
    // Younger than nothing: the clock was set back.
    const age = now().getTime() - readAt;
    if (age >= 0 && age < maxAgeMs && isEnough(held)) return held;
    const wasUnderWay = reading !== undefined;
    const view = await share();
    // One that was under way may have begun before what the caller waits for.
    return wasUnderWay && !isEnough(view) ? share() : view;
  };
}

/** As they are now: another group may have been chosen since a batch began, or a read that ends late; by the former nobody goes. */
export async function toNewest(
  settings: IntegrationSettings,
  integrations: IntegrationsCache,
): Promise<IntegrationSettings> {
  const newest = (await integrations()).get(settings.integrationId);
  return newest?.tenantId === settings.tenantId ? newest : settings;
}
