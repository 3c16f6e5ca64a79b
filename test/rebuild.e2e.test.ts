import assert from 'node:assert/strict';
import mongoose, { type Connection } from 'mongoose';
import { directoryChange, toPersonKey, type DirectoryChange } from '@muster/contracts';
import type { Consumer } from '@muster/event-log';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from './src/compare-with-truth.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

const WITHIN = { within: 60_000 };

describe('documents that were spoilt by hand', () => {
  let system: System;
  let connected: Connected;
  let database: Connection;
  let follower: Consumer;
  const feed: DirectoryChange[] = [];
  before(async () => {
    system = await startTestSystem({ label: 'rebuild', env: { SWEEP_MIN_INTERVAL: '1s' } });
    database = await mongoose.createConnection(system.mongodbUri).asPromise();
    follower = system.eventLog.consumer({
      groupId: 'follower',
      topics: ['changes'],
      fromBeginning: true,
      handle: ({ events }) => {
        for (const { value } of events) feed.push(directoryChange.parse(JSON.parse(String(value))));
        return Promise.resolve();
      },
      onCrash: (error) => assert.fail(error),
    });
    await follower.start();
    connected = await connectTenant(system, { people: 40, groupMembers: 30, nestedGroups: 1, mfaShare: 1 });
  });
  after(async () => {
    await follower.stop();
    await database.close();
    await system.stop();
  });

  const rows = (collection: 'users' | 'mfa') => database.collection<{ _id: string }>(collection);
  const rebuild = async (): Promise<void> => {
    const { integrationId } = connected;
    const since = new Date().toISOString();
    const { reads } = await system.admin.post(`/integrations/${integrationId}/rebuild`);
    for (const kind of reads)
      await eventually(
        async () => {
          const { items } = await system.admin.get(`/integrations/${integrationId}/runs?kind=${kind}`);
          return items.some((run: any) => run.startedAt > since && run.state === 'complete');
        },
        { ...WITHIN, what: `the rebuild of ${kind} is complete` },
      );
  };
  /** Everything that the feed told of a document, each id once; two contents under one id are a failure. */
  const revisionsOf = (collection: 'users' | 'mfa', key: string): number[] => {
    const told = new Map<string, string>();
    for (const change of feed.filter(({ id }) => id.startsWith(`${collection}/${key}/`))) {
      const content = JSON.stringify(change);
      assert.equal(told.get(change.id) ?? content, content, `${change.id} has two contents`);
      told.set(change.id, content);
    }
    return [...told.keys()].map((id) => Number(id.split('/').at(-1)));
  };

  it('are true again after a rebuild, without an outage, and the feed goes on without gap or repeat', async () => {
    const { tenantId } = connected.tenant;
    const inScope = (await system.simulator.truth(tenantId)).filter(
      ({ inGroup, deletedDateTime, accountEnabled }) => inGroup && deletedDateTime === null && accountEnabled,
    );
    const keys = inScope.map(({ id }) => toPersonKey(tenantId, id));
    const [changed, deleted, mfaChanged, mfaDeleted] = keys as [string, string, string, string];
    // One with a history of its own: a lost document must not begin at 1 again.
    const [, userId] = deleted.split('/');
    await system.simulator.call('PATCH', `/tenants/${tenantId}/users/${userId}`, { department: 'Before the loss' });
    await eventually(async () => (await system.store.users.get(deleted))?.revision === 2, WITHIN);
    // Counted before the first report is whole, its last rows would come in as new ones.
    await eventually(() => system.store.snapshots.last(connected.integrationId, 'mfa', ['complete']), WITHIN);
    const mfaBefore = await eventually(async () => {
      const found = await system.store.mfa.load(keys);
      return [mfaChanged, mfaDeleted, deleted].every((key) => found.has(key)) && found;
    }, WITHIN);
    const count = { users: await rows('users').countDocuments(), mfa: await rows('mfa').countDocuments() };
    const historyOf = async (key: string) => {
      const [, id] = key.split('/');
      return (await system.store.changes.ofPerson({ tenantId, userId: id! }, { limit: 20 })).map(
        ({ id: told }) => told,
      );
    };
    await eventually(async () => (await historyOf(deleted)).includes(`users/${deleted}/2`), WITHIN);
    await eventually(async () => (await historyOf(mfaDeleted)).includes(`mfa/${mfaDeleted}/1`), WITHIN);

    await rows('users').updateOne({ _id: changed }, { $set: { displayName: 'Spoilt', ssoEnabled: false } });
    await rows('users').deleteOne({ _id: deleted });
    await rows('mfa').updateOne({ _id: mfaChanged }, { $set: { isMfaCapable: false, state: 'not-registered' } });
    await rows('mfa').deleteMany({ _id: { $in: [mfaDeleted, deleted] } });

    let over = false;
    const outages: string[] = [];
    const watch = async (): Promise<void> => {
      while (!over) {
        const { items } = await system.admin.get(`/users?integrationId=${connected.integrationId}&limit=100`);
        if (items.length < count.users - 1) outages.push(`${items.length} of ${count.users} people`);
      }
    };
    const watching = watch();
    await rebuild().finally(() => (over = true));
    await watching;
    assert.deepEqual(outages, []);

    assert.deepEqual(await compareWithTruth(system.store, system.simulator, connected.tenant), []);
    const mfaAfter = await system.store.mfa.load(keys);
    for (const [key, { document }] of mfaBefore) {
      const after = mfaAfter.get(key)?.document;
      assert.deepEqual([after?.state, after?.isMfaCapable], [document.state, document.isMfaCapable], key);
    }
    assert.deepEqual(
      { users: await rows('users').countDocuments(), mfa: await rows('mfa').countDocuments() },
      count,
      'nobody is missing, nobody came in',
    );
    const last = await system.store.users.get(deleted);
    assert.equal(last?.revision, 3, 'behind what was told before the loss');
    await eventually(() => revisionsOf('users', deleted).length === 3, WITHIN);
    assert.deepEqual(revisionsOf('users', deleted), [1, 2, 3]);
    assert.deepEqual(revisionsOf('users', changed), [1, 2]);
    assert.deepEqual(revisionsOf('mfa', mfaChanged), [1, 2]);
    assert.deepEqual(revisionsOf('mfa', mfaDeleted), [1, 2]);
  }).timeout(240_000);
});
