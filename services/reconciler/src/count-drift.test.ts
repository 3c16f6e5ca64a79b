import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { SnapshotRecord } from '@muster/contracts';
import { toUserDocument } from '@muster/test-support';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import { createTenant, toUser } from '../test/support/tenant.js';
import type { SnapshotTask } from './snapshot-run.js';
import { takeSnapshot } from './take-snapshot.js';

const EARLIER = '2026-03-01T07:00:00.000Z';

describe('drift that a full read finds', () => {
  it('counts what nothing had told by kind, once documents had the time to follow; of a first load nothing', async () => {
    const ports = createMemoryPorts();
    const tenant = createTenant(() => ports.clock.now);
    ports.settings.set(tenant.settings.integrationId, tenant.settings);
    ports.graphs.set(tenant.settings.integrationId, tenant);
    const run = async (pause: SnapshotTask['pause'] = () => Promise.resolve()): Promise<SnapshotRecord> => {
      const { signal } = new AbortController();
      const task = { settings: tenant.settings, kind: 'users' as const, reason: 'test', resume: null, signal, pause };
      await takeSnapshot({ ...ports.deps, settleMs: 2_000 }, task);
      return ports.snapshots.at(-1)!;
    };
    assert.equal((await run()).drift, undefined);
    const { tenantId } = tenant.settings;
    const keep = (userId: string, displayName: string, status: 'active' | 'out-of-scope' = 'active') =>
      ports.documents.set(`${tenantId}/${userId}`, {
        ...toUser(userId),
        displayName,
        tenantId,
        status,
        ssoEnabled: true,
        inGroup: true,
        groupPath: [tenant.groupId],
        revision: 1,
        observedAt: EARLIER,
        changedAt: EARLIER,
      });
    const [changed, back, missing, late, ...same] = [...tenant.direct, ...tenant.nested] as [string, ...string[]];
    for (const userId of same) keep(userId, 'Ann');
    keep(changed, 'Old');
    keep(back!, 'Ann', 'out-of-scope');
    keep(late!, 'Old');
    // Its notification was on the way.
    const drifted = await run(() => Promise.resolve(void keep(late!, 'Ann')));
    assert.ok(missing);
    assert.deepEqual(drifted.drift, { added: 2, changed: 1, removed: 0 });
  });

  it('looks again soon, so that what was on the way holds up nothing', async () => {
    const { ports, tenant, run, pauses } = setUpEveryone();
    await run();
    const { tenantId } = tenant.settings;
    const keep = (userId: string, displayName: string): void => {
      const { userId: _userId, ...properties } = toUser(userId);
      ports.documents.set(
        `${tenantId}/${userId}`,
        toUserDocument({ userId, tenantId, ...properties, displayName, observedAt: EARLIER, changedAt: EARLIER }),
      );
    };
    for (const userId of tenant.users.keys()) keep(userId, 'Ann');
    const [late = ''] = tenant.direct;
    keep(late, 'Old');
    pauses.length = 0;
    await run(() => {
      if (pauses.length === 2) keep(late, 'Ann');
    });
    assert.equal(ports.snapshots.at(-1)?.drift?.changed, 0);
    assert.deepEqual(pauses, [100, 200]);
  });

  it('is not held up by looking again, however many pages differ', async () => {
    const { ports, tenant, run, pauses } = setUpEveryone();
    for (let index = 0; index < 300; index += 1) {
      const userId = randomUUID();
      tenant.users.set(userId, toUser(userId));
    }
    await run();
    pauses.length = 0;
    await run();
    assert.equal(ports.snapshots.at(-1)?.drift?.added, tenant.users.size);
    const pages = ports.snapshots.at(-1)?.pages ?? 0;
    const waited = pauses.reduce((sum, ms) => sum + ms, 0);
    assert.ok(pages > 20, `${pages} pages`);
    assert.equal(waited, 15 * 2_000);
  });
});

/** A tenant without a group, whose reads are made one by one; `onPause` with each of their pauses. */
function setUpEveryone() {
  const ports = createMemoryPorts();
  const tenant = createTenant(() => ports.clock.now);
  const settings = { ...tenant.settings, groupId: null };
  ports.settings.set(settings.integrationId, settings);
  ports.graphs.set(settings.integrationId, tenant);
  const pauses: number[] = [];
  const deps = { ...ports.deps, settleMs: 2_000 };
  const { signal } = new AbortController();
  const run = (onPause: () => void = () => undefined) => {
    const pause = (ms: number): Promise<void> => {
      pauses.push(ms);
      onPause();
      return Promise.resolve();
    };
    return takeSnapshot(deps, { settings, kind: 'users', reason: 'test', resume: null, signal, pause });
  };
  return { ports, tenant, run, pauses };
}
