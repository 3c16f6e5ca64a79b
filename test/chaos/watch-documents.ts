import { setTimeout as delay } from 'node:timers/promises';
import { toPersonKey, type MfaDocument, type UserDocument } from '@muster/contracts';
import type { Store } from '@muster/store';

export type Seen = { readonly observedAt: string; readonly revision: number };
export type DocumentWatch = {
  readonly wentBack: () => readonly string[];
  /** Documents that were looked at, each time counted. */
  readonly looks: () => number;
  /** Documents that were looked at more than once: only of those it can be seen. */
  readonly seenAgain: () => number;
  readonly stop: () => Promise<void>;
};
type People = {
  readonly users: Pick<Store['users'], 'ids' | 'deletedIds' | 'load'>;
  readonly mfa: Pick<Store['mfa'], 'ids' | 'load'>;
};
/** By `toPersonKey`. */
export type Documents = {
  readonly users: ReadonlyMap<string, UserDocument>;
  readonly mfa: ReadonlyMap<string, MfaDocument>;
};

const AT_ONCE = 200;

async function* inParts<T>(
  tenantId: string,
  load: (keys: readonly string[]) => Promise<ReadonlyMap<string, { document: T }>>,
  lists: readonly AsyncIterable<{ userId: string }>[],
): AsyncGenerator<Map<string, T>> {
  const keys = new Set<string>();
  for (const list of lists) for await (const { userId } of list) keys.add(toPersonKey(tenantId, userId));
  const all = [...keys];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = await load(all.slice(at, at + AT_ONCE));
    yield new Map([...some].map(([key, { document }]) => [key, document]));
  }
}

/**
 * All documents of a tenant, whatever their state, some at a time. By their ids: a small server sorts the whole tenant
 * for each page.
 */
export async function* readDocuments({ users, mfa }: People, tenantId: string): AsyncGenerator<Documents> {
  const none = new Map<string, never>();
  for await (const some of inParts(tenantId, users.load, [users.ids(tenantId), users.deletedIds(tenantId)]))
    yield { users: some, mfa: none };
  for await (const some of inParts(tenantId, mfa.load, [mfa.ids(tenantId)])) yield { users: none, mfa: some };
}

/** By `users|mfa/{tenantId}/{userId}`, as the feed names them. */
export const toFeedKeys = ({ users, mfa }: Documents): Map<string, UserDocument | MfaDocument> =>
  new Map<string, UserDocument | MfaDocument>([
    ...[...users].map(([key, one]) => [`users/${key}`, one] as const),
    ...[...mfa].map(([key, one]) => [`mfa/${key}`, one] as const),
  ]);

/** The documents that have gone back since they were last seen, in words. */
export function createBackTracker(): {
  add: (seen: ReadonlyMap<string, Seen>) => void;
  wentBack: () => string[];
  /** Documents that were seen more than once. */
  seenAgain: () => number;
} {
  const last = new Map<string, Seen>();
  const again = new Set<string>();
  const wentBack: string[] = [];
  return {
    add: (seen) => {
      for (const [key, { observedAt, revision }] of seen) {
        const before = last.get(key);
        if (before) again.add(key);
        if (before && (observedAt < before.observedAt || revision < before.revision))
          wentBack.push(`${key} went from ${before.revision} at ${before.observedAt} to ${revision} at ${observedAt}`);
        last.set(key, { observedAt, revision });
      }
    },
    wentBack: () => wentBack,
    seenAgain: () => again.size,
  };
}

const LEAST_PAUSE_MS = 250;
/** So many times as long as a read took: the database is there for those who are watched. */
const PAUSE_TIMES = 5;

/** Looks at each document over and over: neither `observedAt` nor `revision` may ever be less than before. */
export function watchDocuments(store: People, tenantIds: readonly string[]): DocumentWatch {
  const { add, wentBack, seenAgain } = createBackTracker();
  const stopping = new AbortController();
  let looks = 0;
  let next = 0;
  /** Each time from another tenant on: where the database breaks a look off, it is not always the same ones that are seen. */
  const look = async (): Promise<void> => {
    for (let turn = 0; turn < tenantIds.length; turn += 1) {
      const tenantId = tenantIds[next % tenantIds.length] ?? '';
      next += 1;
      let asked = performance.now();
      for await (const some of readDocuments(store, tenantId)) {
        const took = performance.now() - asked;
        const seen = toFeedKeys(some);
        add(seen);
        looks += seen.size;
        await delay(Math.max(LEAST_PAUSE_MS, PAUSE_TIMES * took), undefined, { signal: stopping.signal });
        asked = performance.now();
      }
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // The database may be what is broken just now.
      await look().catch(() => undefined);
      await delay(LEAST_PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    wentBack,
    looks: () => looks,
    seenAgain,
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
