import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';

type Options = {
  store: { integrations: Pick<Store['integrations'], 'all'> } & Record<'snapshots' | 'plans', Clearable>;
  logger: Logger;
  now: Now;
};
type Clearable = Pick<Store['snapshots'], 'clear'>;

/** As long as sweeps. */
const KEPT_MS = 90 * 86_400_000;
const AT_ONCE = 1_000;

/**
 * Forgets reads that ended, but for the last complete one of a kind, and plans of whom nobody is left to decide. What waits
 * and refusals, which keep people, stay. Any copy may, twice too.
 */
export const createClearAway =
  ({ store, logger, now }: Options) =>
  async (signal: AbortSignal): Promise<void> => {
    const before = new Date(now().getTime() - KEPT_MS).toISOString();
    const clear = async (rows: Clearable, integrationId: string): Promise<number> => {
      let [cleared, more] = [0, AT_ONCE];
      while (more === AT_ONCE && !signal.aborted) cleared += more = await rows.clear(integrationId, before, AT_ONCE);
      return cleared;
    };
    let [reads, plans] = [0, 0];
    for (const { integrationId } of await store.integrations.all()) {
      reads += await clear(store.snapshots, integrationId);
      plans += await clear(store.plans, integrationId);
    }
    if (reads + plans > 0) logger.info({ reads, plans }, 'what ended long ago was cleared away');
  };
