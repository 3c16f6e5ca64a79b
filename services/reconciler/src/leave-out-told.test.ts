import assert from 'node:assert/strict';
import { toUserDocument } from '@muster/test-support';
import { EARLIER, setUpReads } from '../test/support/full-reads.js';
import { toRow, toUser } from '../test/support/tenant.js';
import { takeSnapshot } from './take-snapshot.js';

/** Behind a first read, whose people and rows are all in documents. */
async function setUpSecondRead() {
  const { ports, tenant, run, know } = setUpReads();
  const { tenantId } = tenant.settings;
  const groupPath = [tenant.groupId];
  await run();
  know(tenant.direct);
  await run({ kind: 'mfa' });
  const keep = (userId: string, fields: object = {}): void => {
    const key = `${tenantId}/${userId}`;
    const { userId: _userId, ...properties } = toUser(userId);
    ports.documents.set(key, toUserDocument({ userId, tenantId, ...properties, groupPath, ...fields }));
    const path = { observedAt: EARLIER, groupPath };
    const membership = { groupId: tenant.groupId, observedAt: EARLIER, inGroup: true, path };
    ports.facts.set(key, { userObservedAt: EARLIER, membership });
    const dates = { observedAt: EARLIER, changedAt: EARLIER };
    ports.mfa.set(key, { ...toRow(userId), tenantId, state: 'capable', stale: false, revision: 1, ...dates });
  };
  for (const userId of tenant.direct) keep(userId);
  const told = ports.published.length;
  const later = () =>
    ports.observations().filter((one) => ports.published.slice(told).some(({ value }) => value === one));
  const ids = (type: 'user' | 'mfa') => later().flatMap((one) => (one.type === type ? [one.userId] : []));
  return { ports, tenant, run, keep, ids };
}

describe('a full read whose rows the documents have already', () => {
  it('tells of nobody whose document says the same, and counts everybody', async () => {
    const { tenant, run, keep, ids } = await setUpSecondRead();
    const [changed = ''] = tenant.direct;
    keep(changed, { displayName: 'Old' });
    const record = await run();
    assert.deepEqual([record.state, record.rows, record.drift?.changed], ['complete', tenant.users.size, 1]);
    assert.deepEqual(ids('user').sort(), [changed, ...tenant.nested].sort());
  });

  it('tells no row of the report that is the same', async () => {
    const { ports, tenant, run, ids } = await setUpSecondRead();
    const [changed = '', stale = '', unknown = ''] = tenant.direct;
    const keyOf = (userId: string) => `${tenant.settings.tenantId}/${userId}`;
    ports.mfa.set(keyOf(changed), { ...ports.mfa.get(keyOf(changed))!, isAdmin: true });
    ports.mfa.set(keyOf(stale), { ...ports.mfa.get(keyOf(stale))!, stale: true });
    ports.mfa.delete(keyOf(unknown));
    const record = await run({ kind: 'mfa' });
    assert.deepEqual([record.state, record.drift], ['complete', { added: 2, changed: 1, removed: 0 }]);
    assert.deepEqual(ids('mfa').sort(), [changed, stale, unknown].sort());
  });

  it('tells all of it while the projector has not taken in what was told before: what waits may be older', async () => {
    const { ports, tenant, ids } = await setUpSecondRead();
    const deps = { ...ports.deps, caughtUp: () => Promise.resolve(false) };
    const task = { settings: tenant.settings, reason: 'test', resume: null, signal: new AbortController().signal };
    for (const kind of ['users', 'mfa'] as const)
      await takeSnapshot(deps, { ...task, kind, pause: () => Promise.resolve() });
    assert.deepEqual(ids('user').sort(), [...tenant.direct, ...tenant.nested].sort());
    assert.deepEqual(ids('mfa').sort(), [...tenant.direct].sort());
  });

  it('asks whether it has ahead of the documents, with every page', async () => {
    const { ports, tenant } = await setUpSecondRead();
    const order: string[] = [];
    const { load } = ports.deps.store.users;
    ports.deps.store.users.load = (ids) => {
      order.push('load');
      return load(ids);
    };
    const deps = { ...ports.deps, caughtUp: () => Promise.resolve(order.push('ask') > 0) };
    const task = { settings: tenant.settings, reason: 'test', resume: null, signal: new AbortController().signal };
    await takeSnapshot(deps, { ...task, kind: 'users', pause: () => Promise.resolve() });
    const pages = order.filter((one) => one === 'ask').length;
    assert.ok(pages >= 2, `${pages} pages`);
    for (const [index, one] of order.entries()) if (one === 'ask') assert.equal(order[index + 1], 'load');
  });
});
