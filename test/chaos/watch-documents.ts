import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '@muster/store';

export type DocumentWatch = { readonly wentBack: () => readonly string[]; readonly stop: () => Promise<void> };

const EVERY_MS = 250;
const AT_ONCE = 200;

/** Looks at everyone's document over and over: neither `observedAt` nor `revision` may ever be less than before. */
export function watchDocuments(store: Pick<Store, 'users'>, tenantId: string): DocumentWatch {
  const last = new Map<string, { observedAt: string; revision: number }>();
  const wentBack: string[] = [];
  const stopping = new AbortController();
  const look = async (cursor: string | null): Promise<string | null> => {
    const { items, nextCursor } = await store.users.page(
      { tenantId },
      { limit: AT_ONCE, ...(cursor === null ? {} : { cursor }) },
    );
    for (const { userId, observedAt, revision } of items) {
      const before = last.get(userId);
      if (before && (observedAt < before.observedAt || revision < before.revision))
        wentBack.push(`${userId} went from ${before.revision} at ${before.observedAt} to ${revision} at ${observedAt}`);
      last.set(userId, { observedAt, revision });
    }
    return nextCursor;
  };
  const run = async (): Promise<void> => {
    let cursor: string | null = null;
    while (!stopping.signal.aborted) {
      // The database may be what is broken just now.
      cursor = await look(cursor).catch(() => cursor);
      await delay(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    wentBack: () => wentBack,
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
