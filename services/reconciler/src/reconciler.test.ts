import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { unavailable } from '../test/support/memory-graph.js';
import { createMemoryPorts, type MemoryPorts } from '../test/support/memory-ports.js';
import { createTenant, type Tenant } from '../test/support/tenant.js';
import type { Request } from './domain/when-to-run.js';
import { createReconciler } from './reconciler.js';

const MINUTE = 60_000;

function setUp() {
  const ports = createMemoryPorts();
  const reconciler = createReconciler(ports.deps);
  const pass = (ms: number): void => {
    ports.clock.now = new Date(ports.clock.now.getTime() + ms);
  };
  const settle = async (look: () => Promise<void> = reconciler.lookAtNew): Promise<void> => {
    await look();
    await reconciler.idle();
  };
  const sweep = (fields: Partial<Request> = {}): Request => ({
    kind: 'users',
    urgent: false,
    reason: 'a gap',
    requestedAt: ports.clock.now.toISOString(),
    ...fields,
  });
  return { ports, reconciler, pass, settle, sweep };
}

function addTenant(ports: MemoryPorts): Tenant {
  const tenant = createTenant(() => ports.clock.now);
  ports.settings.set(tenant.settings.integrationId, tenant.settings);
  ports.graphs.set(tenant.settings.integrationId, tenant);
  return tenant;
}
const runsOf = (ports: MemoryPorts, { settings }: Tenant): string[] =>
  ports.snapshots
    .filter(({ integrationId }) => integrationId === settings.integrationId)
    .map(({ kind, state, reason }) => `${kind} ${state}: ${reason}`);

describe('createReconciler', () => {
  it('loads a newly started integration at once: users, then MFA', async () => {
    const { ports, settle } = setUp();
    const tenant = addTenant(ports);
    await settle();
    assert.deepEqual(runsOf(ports, tenant), ['users complete: first load', 'mfa complete: first load']);
    await settle();
    assert.equal(ports.snapshots.length, 2);
  });

  it('tries a first load that failed again within seconds, not at the look of the next minute', async () => {
    const { ports, pass, settle } = setUp();
    const tenant = addTenant(ports);
    const { countUsers } = tenant.graph;
    tenant.graph.countUsers = () => Promise.resolve(1_000);
    await settle();
    assert.deepEqual(runsOf(ports, tenant), ['users failed: first load', 'mfa complete: first load']);
    tenant.graph.countUsers = countUsers;
    pass(4_000);
    await settle();
    assert.equal(ports.snapshots.length, 2, 'no storm of reads');
    pass(1_000);
    await settle();
    assert.deepEqual(runsOf(ports, tenant).slice(2), ['users complete: first load']);
  });

  it('leaves an integration alone that is paused or removed, also when somebody asks', async () => {
    const { ports, reconciler, settle, sweep } = setUp();
    for (const state of ['paused', 'removed'] as const) {
      const { settings } = addTenant(ports);
      settings.state = state;
      reconciler.request(settings.integrationId, sweep());
    }
    await settle();
    assert.deepEqual(ports.snapshots, []);
  });

  it('keeps what was asked of an integration that was resumed while the others were looked at', async () => {
    const { ports, reconciler, settle, sweep } = setUp();
    const [first, paused] = [addTenant(ports), addTenant(ports)];
    const { integrationId } = paused.settings;
    ports.settings.set(integrationId, { ...paused.settings, state: 'paused' });
    await settle();
    const { newest } = ports.deps.store.snapshots;
    ports.deps.store.snapshots.newest = (...of) => {
      if (of[0] === first.settings.integrationId && ports.settings.get(integrationId)?.state === 'paused') {
        ports.settings.set(integrationId, { ...paused.settings, revision: paused.settings.revision + 1 });
        reconciler.request(integrationId, sweep({ urgent: true, reason: 'reconcile now' }));
      }
      return newest(...of);
    };
    await settle(reconciler.lookAtAll);
    await settle();
    assert.deepEqual(runsOf(ports, paused), ['users complete: reconcile now', 'mfa complete: first load']);
  });

  it('makes one run of a storm of sweeps, and one more for those that came during it', async () => {
    const { ports, reconciler, pass, settle, sweep } = setUp();
    const tenant = addTenant(ports);
    await settle();
    pass(MINUTE);
    const ask = (): void => reconciler.request(tenant.settings.integrationId, sweep());
    for (let times = 0; times < 50; times += 1) ask();
    tenant.beforePage = (page) => {
      if (page > 1) return;
      pass(1);
      ask();
    };
    await settle();
    tenant.beforePage = () => undefined;
    await settle();
    assert.equal(ports.snapshots.length, 3, 'another run within SWEEP_MIN_INTERVAL');
    pass(10_000);
    await settle();
    await settle();
    assert.deepEqual(runsOf(ports, tenant).slice(2), ['users complete: a gap', 'users complete: a gap']);
  });

  it('reads for a group that was chosen while paused, for which nobody asked, once', async () => {
    const { ports, reconciler, pass, settle } = setUp();
    const tenant = addTenant(ports);
    tenant.settings.groupId = null;
    await settle();
    pass(MINUTE);
    tenant.settings.groupId = tenant.nestedId;
    tenant.settings.revision += 1;
    tenant.settings.updatedAt = ports.clock.now.toISOString();
    await settle(reconciler.lookAtAll);
    assert.equal(ports.snapshots.length, 2, 'an edit of a running one is asked for by admin');
    pass(MINUTE);
    await settle(reconciler.lookAtAll);
    await settle(reconciler.lookAtAll);
    assert.deepEqual(runsOf(ports, tenant).slice(2), [
      'users complete: the scope was changed since the last full read',
    ]);
  });

  it('waits for no time to come again when the clock was set back: reads once what is asked for, then on schedule', async () => {
    const { ports, reconciler, pass, settle, sweep } = setUp();
    const tenant = addTenant(ports);
    await settle();
    pass(20 * MINUTE);
    await settle(reconciler.lookAtAll);
    const asked = sweep({ urgent: true, reason: 'reconcile now' });
    pass(-10 * MINUTE);
    reconciler.request(tenant.settings.integrationId, asked);
    for (let looks = 0; looks < 6; looks += 1) {
      await settle(reconciler.lookAtAll);
      pass(MINUTE);
    }
    assert.deepEqual(
      runsOf(ports, tenant).filter((run) => run.includes('reconcile now')),
      ['users complete: reconcile now'],
    );
    pass(-60 * MINUTE);
    const before = ports.snapshots.length;
    for (let looks = 0; looks < 6; looks += 1) {
      await settle(reconciler.lookAtAll);
      pass(MINUTE);
    }
    assert.deepEqual(runsOf(ports, tenant).slice(before), ['users complete: first load', 'mfa complete: first load']);
  });

  it('reads on schedule when all integrations are looked at', async () => {
    const { ports, reconciler, pass, settle } = setUp();
    const tenant = addTenant(ports);
    await settle();
    pass(15 * MINUTE);
    await settle(reconciler.lookAtAll);
    pass(45 * MINUTE);
    await settle(reconciler.lookAtAll);
    assert.deepEqual(runsOf(ports, tenant).slice(2), [
      'users complete: second read after the first load',
      'mfa complete: full read on schedule',
    ]);
  });

  it('reads the MFA report behind the people when both are asked for, or while they are read', async () => {
    const { ports, reconciler, pass, settle, sweep } = setUp();
    const tenant = addTenant(ports);
    await settle();
    for (const asked of [['mfa', 'users'], ['users']] as const) {
      pass(MINUTE);
      for (const kind of asked) reconciler.request(tenant.settings.integrationId, sweep({ kind, urgent: true }));
      tenant.beforePage = (page) => {
        if (page !== 2) return;
        tenant.beforePage = () => undefined;
        assert.equal(runsOf(ports, tenant).at(-1), 'users running: a gap');
        reconciler.request(tenant.settings.integrationId, sweep({ kind: 'mfa', urgent: true }));
        return reconciler.lookAtNew();
      };
      await settle();
      assert.deepEqual(runsOf(ports, tenant).slice(-2), ['users complete: a gap', 'mfa complete: a gap']);
    }
  });

  it('reads the people while a long MFA report is under way', async () => {
    const { ports, reconciler, pass, sweep } = setUp();
    const tenant = addTenant(ports);
    let goOn = (): void => undefined;
    const { mfaPages } = tenant.graph;
    tenant.graph.mfaPages = async function* (options) {
      await new Promise<void>((resolve) => (goOn = resolve));
      yield* mfaPages(options);
    };
    await reconciler.lookAtNew();
    while (!runsOf(ports, tenant).includes('mfa running: first load'))
      await new Promise((resolve) => setImmediate(resolve));
    pass(MINUTE);
    reconciler.request(tenant.settings.integrationId, sweep({ urgent: true }));
    await reconciler.lookAtNew();
    while (!runsOf(ports, tenant).includes('users complete: a gap'))
      await new Promise((resolve) => setImmediate(resolve));
    assert.ok(runsOf(ports, tenant).includes('mfa running: first load'));
    goOn();
    await reconciler.idle();
    assert.ok(runsOf(ports, tenant).includes('mfa complete: first load'));
  });

  it('serves the others while one tenant refuses and another does not answer', async () => {
    const { ports } = setUp();
    const reconciler = createReconciler({ ...ports.deps, concurrency: 1 });
    const [silent, refused, ...good] = Array.from({ length: 6 }, () => addTenant(ports));
    ports.graphs.delete(refused!.settings.integrationId);
    silent!.beforePage = () => {
      throw unavailable(MINUTE);
    };
    await reconciler.lookAtNew();
    while (good.some((tenant) => runsOf(ports, tenant).filter((run) => run.includes('complete')).length < 2))
      await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(runsOf(ports, silent!), ['users running: first load']);
    assert.deepEqual(runsOf(ports, refused!), ['users failed: first load']);
    await reconciler.stop();
    assert.deepEqual(runsOf(ports, silent!), ['users running: first load']);
    assert.equal(ports.held.size, 0);
  });

  it('loads a tenant while more of them than there are slots wait for Graph, as the MFA report of a large one does', async () => {
    const { ports } = setUp();
    const reconciler = createReconciler({ ...ports.deps, lendAfterMs: 5 });
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const slow = Array.from({ length: 6 }, () => addTenant(ports));
    for (const { graph } of slow) {
      const { countUsers } = graph;
      graph.countUsers = () => answered.then(countUsers);
    }
    await reconciler.lookAtNew();
    const good = addTenant(ports);
    await reconciler.lookAtNew();
    const isLoaded = (): boolean => runsOf(ports, good).filter((run) => run.includes('complete')).length === 2;
    await eventually(isLoaded, { within: 5_000, what: 'the first load of the other tenant' });
    assert.ok(slow.every((tenant) => runsOf(ports, tenant).join() === 'users running: first load'));
    answer();
    await reconciler.idle();
    assert.ok(slow.every((tenant) => runsOf(ports, tenant).join().includes('mfa complete')));
  });

  it('does not run while another copy holds the lease, and finds the work done when it is free', async () => {
    const { ports, reconciler, settle } = setUp();
    const tenant = addTenant(ports);
    const lease = `reconciler/${tenant.settings.integrationId}/users`;
    ports.held.set(lease, 'another copy');
    await settle();
    assert.deepEqual(ports.snapshots, []);
    ports.held.delete(lease);
    const other = createReconciler({ ...ports.deps, holder: 'another copy' });
    await Promise.all([settle(reconciler.lookAtAll), other.lookAtAll().then(() => other.idle())]);
    assert.deepEqual(runsOf(ports, tenant), ['users complete: first load', 'mfa complete: first load']);
  });

  it('goes on after a stop where it was, and tells other left runs as failed', async () => {
    const { ports, reconciler, settle } = setUp();
    const tenant = addTenant(ports);
    tenant.beforePage = (page) => {
      if (page === 2) void reconciler.stop();
    };
    await settle();
    assert.deepEqual(runsOf(ports, tenant), ['users running: first load']);
    tenant.beforePage = () => undefined;
    ports.snapshots.unshift({ ...ports.snapshots[0]!, snapshotId: 'older', startedAt: '2026-03-01T07:59:00.000Z' });
    const next = createReconciler(ports.deps);
    await settle(async () => {
      await next.lookAtNew();
      await next.idle();
    });
    assert.deepEqual(tenant.resumed, ['https://graph.test/next?page=2']);
    assert.equal(ports.snapshots[0]?.failure?.code, 'snapshot.interrupted');
    assert.deepEqual(
      ports.snapshots.slice(1).map(({ kind, state, resumed }) => [kind, state, resumed]),
      [
        ['users', 'complete', true],
        ['mfa', 'complete', false],
      ],
    );
  });
});
