import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { toMfaChangeEvent, toUserChangeEvent } from './domain/change-events.js';
import { purgeMfa, purgeUser } from './domain/purge-person.js';
import { writeProjected } from './write-projected.js';

type Options = {
  store: Pick<Store, 'users' | 'mfa' | 'integrations' | 'leases'>;
  publisher: Pick<Publisher, 'publish'>;
  /** Of one who is gone or out, only ids are kept after so long, ms. */
  purgeAfterMs: number;
  /** One who is gone is forgotten after so long, ms. */
  dropAfterMs: number;
  holder: string;
  logger: Logger;
  now: Now;
};

/** Documents at a time, so that live changes hardly wait. */
const AT_ONCE = 200;
const LEASE_MS = 10 * 60_000;

/**
 * Forgets what is kept of people who are gone or out. Each purge is a change like any other: it raises the revision and
 * is told on the feed, so that followers forget, too. One copy does it.
 */
export function createPurge(options: Options): () => Promise<void> {
  const { store, purgeAfterMs, dropAfterMs, holder, logger, now } = options;
  return async () => {
    if (!(await store.leases.acquire('purge', holder, LEASE_MS))) return;
    let [purged, dropped] = [0, 0];
    const seen = new Set<string>();
    for (const { tenantId } of await store.integrations.all()) {
      if (seen.has(tenantId)) continue;
      seen.add(tenantId);
      const before = new Date(now().getTime() - purgeAfterMs);
      for (
        let more = AT_ONCE;
        more === AT_ONCE && (await store.leases.acquire('purge', holder, LEASE_MS));
        purged += more
      )
        more = await purgeSome(options, tenantId, before);
      // Only ids are kept of them since then at the latest.
      const since = new Date(now().getTime() - Math.max(0, dropAfterMs - purgeAfterMs));
      for (
        let more = AT_ONCE;
        more === AT_ONCE && (await store.leases.acquire('purge', holder, LEASE_MS));
        dropped += more
      )
        more = await store.users.drop(tenantId, since, AT_ONCE);
    }
    if (purged + dropped > 0) logger.info({ purged, dropped }, 'people who are gone were forgotten');
  };
}

/** Answers how many were looked at. */
async function purgeSome({ store, publisher, now }: Options, tenantId: string, before: Date): Promise<number> {
  const ids = await store.users.toPurge(tenantId, before, AT_ONCE);
  const strays = await store.mfa.toPurge(tenantId, before, AT_ONCE - ids.length);
  // The row first: until the person is purged, too, all of it is done again after a crash.
  await writeProjected({
    collection: store.mfa,
    ids: [...ids, ...strays],
    publisher,
    now,
    decide: (_id, known) => {
      const purged = purgeMfa(known, now());
      if (!purged) return { kind: 'ignore' };
      return { kind: 'write', ...purged, pending: toMfaChangeEvent(purged.document, purged.changed) };
    },
  });
  await writeProjected({
    collection: store.users,
    ids,
    publisher,
    now,
    decide: (_id, known) => {
      const purged = purgeUser(known, { before, now: now() });
      if (!purged) return { kind: 'ignore' };
      return { kind: 'write', ...purged, pending: toUserChangeEvent(purged.document, 'updated', purged.changed) };
    },
  });
  return ids.length + strays.length;
}
