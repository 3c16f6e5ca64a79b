import { plural, toPersonKey, type IntegrationSettings } from '@muster/contracts';
import type { AuditRecord, Store } from '@muster/store';
import { showsPeople, type Principal } from '../keys/principal.js';

export type NamingStore = Pick<Store, 'integrations' | 'users' | 'plans'>;

/** Older plans keep their ids. */
const MOST_PLANS = 200;

/**
 * Names of the integrations, people and plans whose ids stand in these records, by id; what is not known any more, or
 * belongs to a tenant that the principal may not see, has none; nor has anybody of a tenant whose people are not shown.
 */
export async function nameIds(
  store: NamingStore,
  records: readonly AuditRecord[],
  principal: Principal,
): Promise<Record<string, string>> {
  const all = await store.integrations.all();
  const seen = all.filter((one) => principal.integrationId === null || one.integrationId === principal.integrationId);
  return Object.fromEntries([
    ...seen.map(({ integrationId, name }) => [integrationId, name] as const),
    ...(await namePeople(store, records, seen)),
    ...(await namePlans(store, records, seen)),
  ]);
}

async function namePeople(
  { users }: NamingStore,
  records: readonly AuditRecord[],
  seen: readonly IntegrationSettings[],
): Promise<(readonly [string, string])[]> {
  const tenants = new Set(seen.filter(showsPeople).map(({ tenantId }) => tenantId));
  const served = seen.filter(({ tenantId }) => tenants.has(tenantId));
  const tenantOf = new Map(served.map(({ integrationId, tenantId }) => [integrationId, tenantId]));
  const keys = records.flatMap(({ actor, target: { userId }, integrationId }) => {
    const [, tenantId = '', actorId = ''] = /^person ([^/]+)\/(.+)$/.exec(actor) ?? [];
    const targetTenant = tenantOf.get(integrationId ?? '');
    return [
      ...(tenants.has(tenantId) ? [toPersonKey(tenantId, actorId)] : []),
      ...(userId !== undefined && targetTenant !== undefined ? [toPersonKey(targetTenant, userId)] : []),
    ];
  });
  const found = await users.load([...new Set(keys)]);
  return [...found.values()].map(({ document: { userId, displayName, userPrincipalName } }) => [
    userId,
    displayName ?? userPrincipalName ?? userId,
  ]);
}

async function namePlans(
  { plans }: NamingStore,
  records: readonly AuditRecord[],
  seen: readonly IntegrationSettings[],
): Promise<(readonly [string, string])[]> {
  if (!records.some(({ target }) => target['planId'] !== undefined)) return [];
  const integrationIds = seen.map(({ integrationId }) => integrationId);
  const found = await plans.summaries({ integrationIds, limit: MOST_PLANS });
  return found.map(({ planId, counts }) => {
    const people = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return [planId, `plan of ${plural(people, 'person', 'people')}`];
  });
}
