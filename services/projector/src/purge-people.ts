import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { toMfaChangeEvent, toUserChangeEvent } from './domain/change-events.js';
import { isLeft, purgeMfa, purgeUser } from './domain/purge-person.js';
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
 * Forgets what is kept of people who are gone or out, and of everybody in a tenant whose integration was removed as long
 * ago. Each purge is a change like any other: it raises the revision and is told on the feed, so that followers forget,
 * too. One copy does it.
 */
export function createPurge(options: Options): () => Promise<void> {
  const { store, purgeAfterMs, dropAfterMs, holder, logger, now } = options;
  return async () => {
    if (!(await store.leases.acquire('purge', holder, LEASE_MS))) return;
    let [purged, dropped] = [0, 0];
    const integrations = await store.integrations.all();
    for (const tenantId of new Set(integrations.map((one) => one.tenantId))) {
      const before = new Date(now().getTime() - purgeAfterMs);
      const wasLeft = isLeft(integrations, { tenantId, before });
      // Asked again for each part: a new integration of the tenant ends it.
      const left = async () => wasLeft && isLeft(await store.integrations.all(), { tenantId, before });
      for (
        let more = AT_ONCE;
        more === AT_ONCE && (await store.leases.acquire('purge', holder, LEASE_MS));
        purged += more
      )
        more = await purgeSome(options, { tenantId, before, left: await left() });
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

type Part = { tenantId: string; before: Date; left: boolean };

/** Answers how many were looked at. */
async function purgeSome({ store, publisher, now }: Options, { tenantId, before, left }: Part): Promise<number> {
  const whom = { everybody: left };
  const ids = await store.users.toPurge(tenantId, before, AT_ONCE, whom);
  const strays = await store.mfa.toPurge(tenantId, before, AT_ONCE - ids.length, whom);
  // The row first: until the person is purged, too, all of it is done again after a crash.
  await writeProjected({
    collection: store.mfa,
    ids: [...ids, ...strays],
    publisher,
    now,
    decide: (_id, known) => {
      const purged = purgeMfa(known, now());
      if (purged) return { kind: 'write', ...purged, pending: toMfaChangeEvent(purged.document, purged.changed) };
      // It says nothing anyway, and is not to be looked at again.
      if (!known?.facts?.rowObservedAt) return { kind: 'ignore' };
      return { kind: 'touch', observedAt: known.document.observedAt, facts: { rowObservedAt: null } };
    },
  });
  await writeProjected({
    collection: store.users,
    ids,
    publisher,
    now,
    decide: (_id, known) => {
      const purged = purgeUser(known, { before, left, now: now() });
      if (!purged) return { kind: 'ignore' };
      const pending = toUserChangeEvent(purged.document, purged.change, purged.changed);
      return { kind: 'write', document: purged.document, facts: purged.facts, pending };
    },
  });
  return ids.length + strays.length;
}
