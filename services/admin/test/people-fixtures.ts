import { randomUUID } from 'node:crypto';
import type { Store } from '@muster/store';
import { toUserDocument } from '@muster/test-support';
import { TOPICS, type CursorRecord, type DirectoryChange, type UserDocument } from '@muster/contracts';

export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();

export const person = (tenantId: string, userId: string, over: Partial<UserDocument> = {}): UserDocument =>
  toUserDocument({
    ...{ tenantId, userId, displayName: 'Ada', givenName: 'Ada', userPrincipalName: 'ada@example.com' },
    ...{ observedAt: at(0), changedAt: at(0) },
    ...over,
  });

export const toChange = (
  document: UserDocument,
  type: 'muster.user.created' | 'muster.user.left-scope' | 'muster.user.updated' = 'muster.user.created',
  changed: string[] = [],
): DirectoryChange => ({
  specversion: '1.0',
  id: `users/${document.tenantId}/${document.userId}/${document.revision}`,
  source: `/tenants/${document.tenantId}`,
  subject: document.userId,
  time: document.changedAt,
  datacontenttype: 'application/json',
  type,
  data: { revision: document.revision, changed, document },
});

/** As the projector would write it. */
export async function insertPerson(store: Store, document: UserDocument): Promise<void> {
  const id = `${document.tenantId}/${document.userId}`;
  await store.users.write([{ kind: 'insert', id, document, pending: toChange(document) }]);
  await store.users.published([{ id, revision: document.revision }]);
}

export async function updatePerson(store: Store, document: UserDocument): Promise<void> {
  const id = `${document.tenantId}/${document.userId}`;
  const base = { revision: document.revision - 1 };
  await store.users.write([{ kind: 'update', id, base, document, pending: toChange(document, 'muster.user.updated') }]);
  await store.users.published([{ id, revision: document.revision }]);
}

/** As canary and sweeps would leave it: the projection is believed. */
export async function makeFresh(
  store: Store,
  { integrationId, tenantId, groupId }: { integrationId: string; tenantId: string; groupId: string | null },
): Promise<void> {
  const now = new Date();
  for (let partition = 0; partition < TOPICS.notifications.partitions; partition += 1)
    await store.lag.canary(partition, now, 5);
  const cursor: Omit<CursorRecord, 'kind'> = {
    integrationId,
    tenantId,
    groupId,
    links: [{ deltaLink: 'https://graph.example/delta', groupIds: [] }],
    tree: [],
    takenAt: now.toISOString(),
    sweptAt: now.toISOString(),
    baselineSnapshotId: null,
    baselineEndedAt: now.toISOString(),
    resetAt: null,
    failure: null,
    revision: 1,
  };
  for (const kind of ['users', 'group'] as const) await store.cursors.save({ ...cursor, kind });
  const at = now.toISOString();
  await store.snapshots.insert({
    ...{ snapshotId: randomUUID(), integrationId, tenantId, kind: 'users', state: 'complete', reason: 'test' },
    ...{ pages: 1, rows: 1, expectedRows: 1, nextLink: null, resumed: false, failure: null, projected: {} },
    ...{ startedAt: at, publishedAt: at, finishedAt: at },
  });
  await store.subscriptions.save({
    ...{ integrationId, tenantId, entity: 'user', resource: '/users', subscriptionId: randomUUID(), status: 'live' },
    ...{ notificationUrl: 'https://muster.example/graph/notifications', signedWith: null, renewedAt: null },
    ...{ createdAt: at, expiresAt: new Date(now.getTime() + 86_400_000).toISOString(), failure: null },
  });
}
