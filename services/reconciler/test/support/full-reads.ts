import type { SnapshotRecord, UserObservation, UserStatus } from '@muster/contracts';
import type { SnapshotTask } from '../../src/snapshot-run.js';
import { takeSnapshot } from '../../src/take-snapshot.js';
import { createMemoryPorts } from './memory-ports.js';
import { createTenant } from './tenant.js';

/** Ahead of every read. */
export const EARLIER = '2026-03-01T07:00:00.000Z';

/** A tenant whose full reads run against ports in memory. */
export function setUpReads() {
  const ports = createMemoryPorts();
  const tenant = createTenant(() => ports.clock.now);
  const { integrationId, tenantId } = tenant.settings;
  ports.settings.set(integrationId, tenant.settings);
  ports.graphs.set(integrationId, tenant);
  const pauses: number[] = [];
  const run = async (task: Partial<SnapshotTask> = {}): Promise<SnapshotRecord> => {
    await takeSnapshot(ports.deps, {
      settings: tenant.settings,
      kind: 'users',
      reason: 'test',
      resume: null,
      signal: new AbortController().signal,
      pause: (ms) => Promise.resolve(void pauses.push(ms)),
      ...task,
    });
    return ports.snapshots.at(-1)!;
  };
  const know = (ids: readonly string[], inGroup = true, status: UserStatus = 'active') =>
    ports.people.set(tenantId, [
      ...(ports.people.get(tenantId) ?? []),
      ...ids.map((userId) => ({ userId, observedAt: EARLIER, inGroup, status })),
    ]);
  const users = (): UserObservation[] => ports.observations().filter((one) => one.type === 'user');
  const seen = (): string[] => users().map(({ userId }) => userId);
  return { ports, tenant, pauses, run, know, users, seen };
}
