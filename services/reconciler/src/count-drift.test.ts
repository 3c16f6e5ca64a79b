import assert from 'node:assert/strict';
import type { SnapshotRecord } from '@muster/contracts';
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
      await takeSnapshot(ports.deps, task);
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
});
