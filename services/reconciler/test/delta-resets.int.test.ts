import assert from 'node:assert/strict';
import type { CursorRecord } from '@muster/contracts';
import { whatIsDue, FULL_ROUND } from '../src/domain/when-to-run.js';
import { whatToSweep } from '../src/domain/when-to-sweep.js';
import { loadSituation } from '../src/situation.js';
import { createSimulatedWorld, type SimulatedTenant, type SimulatedWorld } from './support/simulated-tenant.js';

const DAY = 86_400_000;
const PERIODS = { usersEvery: 30 * DAY, usersSecondRead: 30 * DAY, mfaEvery: DAY, sweepMinInterval: 1 };
const SWEEPS = { usersDeltaEvery: 180_000, groupDeltaEvery: 15_000, sweepMinInterval: 1 };

describe('delta tokens of the simulator', () => {
  let world: SimulatedWorld;
  before(async () => {
    world = await createSimulatedWorld('delta-resets');
  });
  afterEach(() => {
    world.simulator.control.setFaults({});
    world.clock.now = () => new Date();
  });
  after(() => world.stop());

  async function load(): Promise<SimulatedTenant> {
    const tenant = await world.addTenant({ people: 60, groupMembers: 30, nestedGroups: 1 });
    assert.equal((await tenant.read()).state, 'complete');
    await tenant.project();
    return tenant;
  }
  const cursorOf = async ({ settings }: SimulatedTenant, kind: CursorRecord['kind']): Promise<CursorRecord> => {
    const cursor = await world.store.cursors.get(settings.integrationId, kind);
    assert.ok(cursor);
    return cursor;
  };
  /** Reads that are due now, as the reconciler sees it. */
  const dueReads = async ({ settings }: SimulatedTenant) => {
    const { snapshots, cursors } = world.store;
    const now = world.clock.now();
    const known = { settings, requests: [], now, periods: PERIODS };
    return whatIsDue(await loadSituation({ snapshots, cursors, ...known })).filter(({ kind }) => kind === 'users');
  };

  for (const form of ['gone', 'unsupported', 'resync', 'resyncRequired'] as const)
    for (const kind of ['users', 'group'] as const)
      it(`${form} of ${kind}: one full round, and no loop while Graph goes on refusing`, async () => {
        const tenant = await load();
        const { tenantId } = tenant.settings;
        const path = kind === 'users' ? '/users/delta' : '/groups/delta';
        world.simulator.control.setFaults({ rules: [{ type: 'deltaReset', form, path, tenantId }] });
        let rounds = 0;
        for (let look = 0; look < 5; look += 1) {
          await tenant.sweep(kind);
          for (const { reason } of await dueReads(tenant)) {
            assert.equal(reason, FULL_ROUND);
            rounds += 1;
            assert.equal((await tenant.read()).state, 'complete');
            await world.store.snapshots.update((await lastRead(tenant)).snapshotId, { reason });
          }
        }
        assert.equal(rounds, 1);
        assert.deepEqual(tenant.removed(), []);
        assert.ok((await cursorOf(tenant, kind)).resetAt !== null || (await cursorOf(tenant, kind)).links.length > 0);
      });

  const lastRead = async ({ settings }: SimulatedTenant) =>
    (await world.store.snapshots.last(settings.integrationId, 'users', ['complete']))!;

  it('after the full round changes are followed again', async () => {
    const tenant = await load();
    const { tenantId } = tenant.settings;
    world.simulator.control.setFaults({ rules: [{ type: 'deltaReset', form: 'gone', tenantId, count: 1 }] });
    assert.equal(await tenant.sweep('users'), 'reset');
    assert.deepEqual((await cursorOf(tenant, 'users')).links, []);
    assert.equal((await tenant.read()).state, 'complete');
    const [renamed = ''] = tenant.members();
    world.simulator.control.updateUser(tenantId, renamed, { displayName: 'After the reset' });
    assert.equal(await tenant.sweep('users'), 'swept');
    assert.ok(tenant.observations().some((one) => one.type === 'user' && one.user?.displayName === 'After the reset'));
  });

  it('tokens are kept with the read before its first page, and go on from there after a kill in page 2', async () => {
    const tenant = await world.addTenant({ people: 150, groupMembers: 30, nestedGroups: 1 });
    const { tenantId, integrationId } = tenant.settings;
    const [renamed = ''] = tenant.members();
    tenant.beforePage = (page) => {
      // Too late for its page; only the token that was taken before tells of it.
      if (page === 2) world.simulator.control.updateUser(tenantId, renamed, { displayName: 'Meanwhile' });
      if (page === 2) throw new Error('killed');
    };
    const killed = await tenant.read();
    assert.ok(killed.tokens && killed.tokens.users.length === 1 && killed.tokens.group.length === 1);
    assert.ok(killed.nextLink !== null && killed.pages === 1);
    await world.store.snapshots.update(killed.snapshotId, { state: 'running', failure: null, finishedAt: null });
    tenant.beforePage = () => undefined;
    const resumed = await tenant.read('users', { ...killed, state: 'running', failure: null, finishedAt: null });
    assert.deepEqual([resumed.state, resumed.resumed, resumed.rows], ['complete', true, 150]);
    assert.deepEqual(resumed.tokens, killed.tokens);
    const cursor = await world.store.cursors.get(integrationId, 'users');
    assert.deepEqual(cursor?.links, killed.tokens.users);
    await tenant.project();
    assert.equal(await tenant.sweep('users'), 'swept');
    const names = tenant
      .observations()
      .flatMap((one) => (one.type === 'user' && one.userId === renamed ? [one.user?.displayName] : []));
    assert.equal(names.at(-1), 'Meanwhile');
  });

  for (const [days, expected] of [
    [5.9, 'a sweep'],
    [6.1, 'a full round'],
  ] as const)
    it(`resumed ${days} days after the last sweep: ${expected}`, async () => {
      const tenant = await load();
      const { integrationId } = tenant.settings;
      world.clock.now = () => new Date(Date.now() + days * DAY);
      const cursors = (await world.store.cursors.all()).filter((one) => one.integrationId === integrationId);
      const { settings } = tenant;
      const { kinds } = whatToSweep({ settings, cursors, request: null, now: world.clock.now(), periods: SWEEPS });
      const reads = (await dueReads(tenant)).map(({ reason }) => reason);
      assert.deepEqual([kinds, reads], expected === 'a sweep' ? [['users', 'group'], []] : [[], [FULL_ROUND]]);
    });

  it('old changes told again, several rows of one person, and removals of both kinds', async () => {
    const tenant = await load();
    const { tenantId } = tenant.settings;
    const { control } = world.simulator;
    const [twice, soft, hard] = tenant.members() as [string, string, string];
    control.updateUser(tenantId, twice, { displayName: 'First' });
    assert.equal(await tenant.sweep('users'), 'swept');
    control.updateUser(tenantId, twice, { displayName: 'Second' });
    control.deleteUser(tenantId, soft);
    control.deleteUser(tenantId, hard, { permanent: true });
    control.setFaults({ rules: [{ type: 'deltaReplay', changes: 5, tenantId }] });
    control.setSettings({ pageSizes: { delta: 2 } });
    assert.equal(await tenant.sweep('users'), 'swept');
    control.setSettings({ pageSizes: { delta: 200 } });
    const last = tenant
      .observations()
      .flatMap((one) => (one.type === 'user' && one.userId === twice ? [one.user?.displayName] : []));
    assert.equal(last.at(-1), 'Second');
    const gone = new Map(
      tenant
        .observations()
        .flatMap((one) => (one.type === 'user' && !one.user ? [[one.userId, one.removed] as const] : [])),
    );
    assert.deepEqual(
      gone,
      new Map([
        [soft, 'soft'],
        [hard, 'hard'],
      ]),
    );
  });
});
