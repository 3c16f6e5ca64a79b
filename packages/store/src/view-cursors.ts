import type { CursorRecord } from '@muster/contracts';
import type { CursorsStore } from './reconciler-store.js';

/** What other copies saved is in `all` after this at the latest. */
const WHOLE_EVERY_MS = 10_000;

/**
 * Cursors for whoever looks every second what is due: `all` knows at once what went through here, and what other copies saved a
 * little later. Their tokens and trees make them large. Whoever acts upon one reads it by `get` or `ofIntegration`, which ask the server.
 * `elapsed`: ms on a clock that is never set.
 */
export function createCursorsView(
  cursors: CursorsStore,
  elapsed: () => number = () => performance.now(),
): CursorsStore {
  const held = new Map<string, CursorRecord>();
  let wholeAt = Number.NEGATIVE_INFINITY;
  /** Answers may overtake each other: the highest revision is the newest. */
  const hold = (record: CursorRecord): void => {
    const key = `${record.integrationId}/${record.kind}`;
    if ((held.get(key)?.revision ?? 0) <= record.revision) held.set(key, record);
  };
  return {
    get: async (integrationId, kind) => {
      const record = await cursors.get(integrationId, kind);
      if (record) hold(record);
      return record;
    },
    ofIntegration: async (integrationId) => {
      const records = await cursors.ofIntegration(integrationId);
      records.forEach(hold);
      return records;
    },
    save: async (record) => {
      const isSaved = await cursors.save(record);
      if (isSaved) hold(record);
      else wholeAt = Number.NEGATIVE_INFINITY;
      return isSaved;
    },
    all: async () => {
      const begun = elapsed();
      if (begun - wholeAt >= WHOLE_EVERY_MS) {
        for (const record of await cursors.all()) hold(record);
        wholeAt = begun;
      }
      return [...held.values()];
    },
  };
}
