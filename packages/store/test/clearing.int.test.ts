import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import type { PlanRecord, SnapshotRecord } from '@muster/contracts';
import { createResources, patiently, testServers } from '@muster/test-support';
import { connectStore, type Store } from '../src/index.js';
import { at, silent } from './fixtures.js';

describe('what ended long ago, in MongoDB', () => {
  const resources = createResources('clearing', testServers().mongodbUri);
  let store: Store;
  before(async () => {
    const old = await mongoose.createConnection(resources.mongodbUri).asPromise();
    // As versions before this one made them.
    for (const [name, field] of [
      ['snapshots', 'startedAt'],
      ['plans', 'createdAt'],
    ] as const)
      await old.collection(name).createIndexes([{ key: { integrationId: 1, [field]: -1 } }]);
    await old.close();
    store = await patiently(() => connectStore({ uri: resources.mongodbUri, logger: silent }));
  });
  after(async () => {
    await store.close();
    await resources.remove();
  });

  const snapshot = (
    minute: number,
    fields: Pick<SnapshotRecord, 'integrationId' | 'kind' | 'state'>,
  ): SnapshotRecord => ({
    ...{ snapshotId: `${fields.kind} ${minute} of ${fields.integrationId}`, tenantId: randomUUID(), reason: 'test' },
    ...{ pages: 1, rows: 1, expectedRows: null, nextLink: null, resumed: false, startedAt: at(minute) },
    ...{ publishedAt: null, finishedAt: null, failure: null, projected: {} },
    ...fields,
  });

  it('goes: reads, but for what is under way and the last complete one of a kind, however old', async () => {
    const [integrationId, other] = [randomUUID(), randomUUID()];
    const of = (kind: SnapshotRecord['kind'], minute: number, state: SnapshotRecord['state']) =>
      store.snapshots.insert(snapshot(minute, { integrationId, kind, state }));
    await of('users', 1, 'complete');
    await of('users', 2, 'complete');
    await of('users', 3, 'failed');
    await of('users', 4, 'running');
    await of('users', 5, 'published');
    await of('users', 50, 'failed');
    await of('mfa', 1, 'complete');
    await of('mfa', 2, 'failed');
    await of('mfa', 50, 'complete');
    await store.snapshots.insert(snapshot(1, { integrationId: other, kind: 'users', state: 'failed' }));
    assert.equal(await store.snapshots.clear(integrationId, at(40), 3), 3);
    assert.equal(await store.snapshots.clear(integrationId, at(40), 3), 1);
    assert.equal(await store.snapshots.clear(integrationId, at(40), 3), 0);
    const left = (await store.snapshots.newest(integrationId, 20)).map(({ kind, startedAt }) => `${kind} ${startedAt}`);
    const expected = ['users 50', 'mfa 50', 'users 5', 'users 4', 'users 2'].map((one) => {
      const [kind, minute] = one.split(' ');
      return `${kind} ${at(Number(minute))}`;
    });
    assert.deepEqual(left.sort(), expected.sort());
    assert.equal((await store.snapshots.newest(other, 20)).length, 1);
    const last = async (states: SnapshotRecord['state'][]) =>
      (await store.snapshots.last(integrationId, 'users', states))?.startedAt;
    assert.deepEqual(
      [await last(['complete']), await last(['running', 'published']), await last(['complete', 'failed'])],
      [at(2), at(5), at(50)],
    );
  });

  it('goes: plans of whom nobody is left to decide; refusals stay', async () => {
    const [integrationId, other, groupId] = [randomUUID(), randomUUID(), randomUUID()];
    const plan = (minute: number, fields: Partial<PlanRecord>): PlanRecord => ({
      ...{ planId: randomUUID(), integrationId, tenantId: randomUUID(), groupId, reason: 'too many', inScope: 10 },
      ...{ candidates: [], state: 'done', createdAt: at(minute), updatedAt: at(minute) },
      ...{ decidedAt: null, decidedBy: null, ...fields },
    });
    const kept = [
      plan(1, { state: 'refused' }),
      plan(2, { state: 'waiting' }),
      plan(3, { state: 'allowed' }),
      plan(4, { updatedAt: at(50) }),
    ];
    for (const one of [plan(1, {}), ...kept, plan(5, { groupId: null }), plan(1, { integrationId: other })])
      await store.plans.save(one);
    const listed = (filter: { groupId?: string | null; updatedSince?: string }) =>
      store.plans.list({ integrationIds: [integrationId], limit: 10, ...filter });
    assert.deepEqual(await listed({ updatedSince: at(5) }).then((found) => found.length), 2);
    assert.deepEqual(await listed({ groupId: null }).then((found) => found.length), 1);
    assert.equal(await store.plans.clear(integrationId, at(40), 10), 2);
    assert.deepEqual(await listed({}), kept.toReversed());
    assert.equal((await store.plans.list({ integrationIds: [other], limit: 10 })).length, 1);
  });
});
