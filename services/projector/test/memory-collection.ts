import type { GuardedWrite, Stored } from '@muster/store';

/** Documents in memory, under the guard of the real ones. */
export function createCollection<T extends { revision: number; observedAt: string }>() {
  const rows = new Map<string, Stored<T>>();
  let version = 0;
  const write = (one: GuardedWrite<T>): boolean => {
    const known = rows.get(one.id);
    version += 1;
    if (one.kind === 'insert') {
      if (known) return false;
      rows.set(one.id, { ...one, facts: one.facts ?? null, version: String(version) });
      return true;
    }
    if (!known || known.document.revision !== one.base.revision || known.version !== one.base.version) return false;
    if (one.kind === 'touch' && known.pending !== null) return false;
    const facts = one.facts ?? known.facts;
    const changed =
      one.kind === 'update' ? one : { document: { ...known.document, observedAt: one.observedAt }, pending: null };
    rows.set(one.id, { document: changed.document, pending: changed.pending, facts, version: String(version) });
    return true;
  };
  return {
    rows,
    port: {
      load: (ids: readonly string[]) =>
        Promise.resolve(new Map(ids.flatMap((one) => (rows.has(one) ? [[one, rows.get(one)!] as const] : [])))),
      write: (writes: readonly GuardedWrite<T>[]) =>
        Promise.resolve({ refused: writes.flatMap((one) => (write(one) ? [] : [one.id])) }),
      published: (changes: readonly { id: string; revision: number }[]) => {
        for (const { id: key } of changes) rows.set(key, { ...rows.get(key)!, pending: null });
        return Promise.resolve();
      },
      lastTold: () => Promise.resolve(new Map()),
    },
  };
}
