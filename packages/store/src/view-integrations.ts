import type { IntegrationSettings } from '@muster/contracts';
import type { IntegrationsStore } from './store.js';

/** All are read again after this, for a save that was held up while {@link LATELY} others went by. */
const WHOLE_EVERY_MS = 60_000;
/** Saves that may be overtaken: whoever takes a number first may save last. */
const LATELY = 20;

/**
 * `all` of integrations for whoever looks every second: as fresh, but only the last few that were saved are read.
 * `elapsed`: ms on a clock that is never set.
 */
export function createIntegrationsView(
  integrations: Pick<IntegrationsStore, 'saved'>,
  elapsed: () => number = () => performance.now(),
): IntegrationsStore['all'] {
  let held = new Map<string, IntegrationSettings>();
  let newest: number | null = null;
  let wholeAt = Number.NEGATIVE_INFINITY;
  const read = async (): Promise<IntegrationSettings[]> => {
    const begun = elapsed();
    const after = newest !== null && begun - wholeAt < WHOLE_EVERY_MS ? newest - LATELY : null;
    const found = await integrations.saved(after);
    if (after === null) {
      held = new Map();
      newest = null;
      wholeAt = begun;
    }
    for (const { settings, sequence } of found) {
      held.set(settings.integrationId, settings);
      if (sequence !== null) newest = Math.max(newest ?? 0, sequence);
    }
    return [...held.values()].toSorted((one, other) => (one.integrationId < other.integrationId ? -1 : 1));
  };
  // One after the other: an answer that is late must not undo a later one.
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(read);
    last = next.catch(() => undefined);
    return next;
  };
}
