import type { IntegrationSettings } from '@muster/contracts';
import type { IntegrationsStore } from './store.js';

/** All are read again after this, in case somebody saved by a clock that is wrong by more than {@link LATELY_MS}. */
const WHOLE_EVERY_MS = 60_000;
/** Whoever saved by a clock this far behind is seen at once. */
const LATELY_MS = 10_000;

/** Whoever saves from now on does so by a clock that is at least there. */
const toSince = ({ savedAt, seenAt }: { savedAt: string; seenAt: number }, at: number): string =>
  new Date(Date.parse(savedAt) + (at - seenAt) - LATELY_MS).toISOString();

/**
 * `all` of integrations for whoever looks every second: as fresh, but only those are read that were saved in the last seconds.
 * `elapsed`: ms on a clock that is never set.
 */
export function createIntegrationsView(
  integrations: Pick<IntegrationsStore, 'saved'>,
  elapsed: () => number = () => performance.now(),
): IntegrationsStore['all'] {
  let held = new Map<string, IntegrationSettings>();
  /** By the clock of whoever saved it, and when it was first seen here. */
  let newest: { savedAt: string; seenAt: number } | null = null;
  let wholeAt = Number.NEGATIVE_INFINITY;
  const read = async (): Promise<IntegrationSettings[]> => {
    const begun = elapsed();
    const isWhole = newest === null || begun - wholeAt >= WHOLE_EVERY_MS;
    const since = isWhole || newest === null ? null : toSince(newest, begun);
    const found = await integrations.saved(since);
    const seenAt = elapsed();
    if (isWhole) {
      held = new Map();
      wholeAt = begun;
    }
    for (const { settings, savedAt } of found) {
      held.set(settings.integrationId, settings);
      if (savedAt !== null && savedAt > (newest?.savedAt ?? '')) newest = { savedAt, seenAt };
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
