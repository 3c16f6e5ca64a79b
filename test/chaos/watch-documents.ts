import { setTimeout as delay } from 'node:timers/promises';
import { toPersonKey } from '@muster/contracts';
import type { Store } from '@muster/store';

export type Seen = { readonly observedAt: string; readonly revision: number };
export type DocumentWatch = { readonly wentBack: () => readonly string[]; readonly stop: () => Promise<void> };
type People = { readonly users: Pick<Store['users'], 'page'>; readonly mfa: Pick<Store['mfa'], 'ids' | 'load'> };

const AT_ONCE = 200;

/** All documents of a tenant, whatever their state, by `users|mfa/{tenantId}/{userId}`, some at a time. */
export async function* readDocuments({ users, mfa }: People, tenantId: string): AsyncGenerator<Map<string, Seen>> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<People['users']['page']>> = await users.page(
      { tenantId },
      { limit: AT_ONCE, ...(cursor === null ? {} : { cursor }) },
    );
    yield new Map(page.items.map((user) => [`users/${toPersonKey(tenantId, user.userId)}`, user]));
    cursor = page.nextCursor;
  } while (cursor !== null);
  const rows: string[] = [];
  for await (const { userId } of mfa.ids(tenantId)) rows.push(toPersonKey(tenantId, userId));
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const some = await mfa.load(rows.slice(at, at + AT_ONCE));
    yield new Map([...some].map(([key, { document }]) => [`mfa/${key}`, document]));
  }
}

/** The documents that have gone back since they were last seen, in words. */
export function createBackTracker(): { add: (seen: ReadonlyMap<string, Seen>) => void; wentBack: () => string[] } {
  const last = new Map<string, Seen>();
  const wentBack: string[] = [];
  return {
    add: (seen) => {
      for (const [key, { observedAt, revision }] of seen) {
        const before = last.get(key);
        if (before && (observedAt < before.observedAt || revision < before.revision))
          wentBack.push(`${key} went from ${before.revision} at ${before.observedAt} to ${revision} at ${observedAt}`);
        last.set(key, { observedAt, revision });
      }
    },
    wentBack: () => wentBack,
  };
}

const EVERY_MS = 250;

/** Looks at each document over and over: neither `observedAt` nor `revision` may ever be less than before. */
export function watchDocuments(store: People, tenantIds: readonly string[]): DocumentWatch {
  const { add, wentBack } = createBackTracker();
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    for (const tenantId of tenantIds)
      for await (const seen of readDocuments(store, tenantId)) {
        add(seen);
        await delay(EVERY_MS, undefined, { signal: stopping.signal });
      }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // The database may be what is broken just now.
      await look().catch(() => undefined);
      await delay(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    wentBack,
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
