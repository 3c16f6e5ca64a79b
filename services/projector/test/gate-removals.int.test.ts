import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { toPersonKey, type IntegrationSettings, type UserDocument } from '@muster/contracts';
import { connectStore, type Store } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createResources, patiently, testServers, toUserDocument } from '@muster/test-support';
import { systemNow } from '@muster/runtime';
import { toUserChangeEvent } from '../src/domain/change-events.js';
import { createRemovalGate } from '../src/gate-removals.js';
import { createProjectorMetrics } from '../src/projector-metrics.js';

const PEOPLE = 100;
const limit = { least: 5, percent: 10 };
const logger = createLogger({ service: 'test', level: 'silent' });

describe('the gate of removals on MongoDB', () => {
  let store: Store;
  before(async () => {
    const { mongodbUri } = createResources('gate-removals', testServers().mongodbUri);
    store = await patiently(() => connectStore({ uri: mongodbUri, logger }));
  });
  after(() => store.close());

  const openGate = (ports: Pick<Store, 'users' | 'plans' | 'removals'> = store) => {
    const metrics = createProjectorMetrics(createMetrics({ service: 'test' }));
    return createRemovalGate({ store: ports, limit, metrics, logger, now: systemNow });
  };
  async function tenant() {
    const settings = { integrationId: randomUUID(), tenantId: randomUUID(), groupId: null } as IntegrationSettings;
    const at = new Date().toISOString();
    const people = Array.from({ length: PEOPLE }, (): UserDocument => {
      return { ...toUserDocument(), tenantId: settings.tenantId, observedAt: at, changedAt: at };
    });
    await store.users.write(
      people.map((document) => ({
        kind: 'insert',
        id: toPersonKey(settings.tenantId, document.userId),
        document,
        pending: toUserChangeEvent(document, 'created', []),
      })),
    );
    return { settings, candidates: people.map(({ userId }) => ({ userId, why: 'left-group' as const })) };
  }

  it('lets many copies together admit no more than one would, and holds all others', async () => {
    const { settings, candidates } = await tenant();
    const kept = await Promise.all(candidates.map((candidate) => openGate()(settings, [candidate])));
    const admitted = kept.filter((one) => one.size === 0).length;
    assert.equal(admitted, 10);
    const held = await store.removals.heldOf(settings.integrationId);
    assert.equal(held.length, PEOPLE - 10);
    assert.ok((await store.removals.integrationsWithHeld()).includes(settings.integrationId));
  });

  it('lets the partitions of one copy take turns: none of them has to reserve twice', async () => {
    const { settings, candidates } = await tenant();
    let saves = 0;
    const saveWindow: Store['removals']['saveWindow'] = (window) => {
      saves += 1;
      return store.removals.saveWindow(window);
    };
    const gate = openGate({ ...store, removals: { ...store.removals, saveWindow } });
    const kept = await Promise.all(candidates.map((candidate) => gate(settings, [candidate])));
    assert.equal(kept.filter((one) => one.size === 0).length, 10);
    assert.equal(saves, PEOPLE);
  });

  it('counts nobody twice whose removal is tried again behind a fault', async () => {
    const { settings, candidates } = await tenant();
    const some = candidates.slice(0, 10);
    for (let attempt = 0; attempt < 3; attempt += 1) assert.equal((await openGate()(settings, some)).size, 0);
    assert.equal((await openGate()(settings, candidates.slice(5, 11))).size, 1, 'the eleventh');
  });

  it('keeps nobody whose account is deleted because an admin kept them though out of the group', async () => {
    const { settings, candidates } = await tenant();
    const { integrationId, tenantId, groupId } = settings;
    const gate = openGate();
    const [kept, held] = candidates as [(typeof candidates)[number], (typeof candidates)[number]];
    const at = new Date().toISOString();
    await store.plans.save({
      ...{ planId: randomUUID(), integrationId, tenantId, groupId, reason: 'test', inScope: PEOPLE, state: 'refused' },
      ...{ candidates: [{ ...kept, state: 'refused' }], createdAt: at, updatedAt: at, decidedAt: at, decidedBy: 'a' },
    });
    await store.removals.hold([{ integrationId, ...held, heldAt: at }]);
    assert.equal((await gate(settings, [kept, held])).size, 2);
    const deleted = [kept, held].map(({ userId }) => ({ userId, why: 'deleted' as const }));
    assert.deepEqual([...(await gate(settings, deleted))], []);
  });

  it('keeps who is held already or waits in a plan, and counts them no second time', async () => {
    const { settings, candidates } = await tenant();
    const { integrationId, tenantId, groupId } = settings;
    const gate = openGate();
    assert.equal((await gate(settings, candidates.slice(0, 20))).size, 20);
    const before = await store.removals.window(integrationId);
    assert.equal((await gate(settings, candidates.slice(0, 20))).size, 20);
    const at = new Date().toISOString();
    const waiting = candidates.slice(0, 20).map((one) => ({ ...one, state: 'refused' as const }));
    await store.plans.save({
      planId: randomUUID(),
      integrationId,
      tenantId,
      groupId,
      reason: 'test',
      candidates: waiting,
      inScope: PEOPLE,
      state: 'refused',
      createdAt: at,
      updatedAt: at,
      decidedAt: at,
      decidedBy: 'test',
    });
    await store.removals.release(
      integrationId,
      waiting.map(({ userId }) => userId),
    );
    assert.equal((await gate(settings, candidates.slice(0, 20))).size, 20);
    assert.deepEqual(await store.removals.window(integrationId), before);
  });
});
