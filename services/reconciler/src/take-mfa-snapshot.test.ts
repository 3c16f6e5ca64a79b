import assert from 'node:assert/strict';
import { EARLIER, setUpReads } from '../test/support/full-reads.js';
import { noLicence } from '../test/support/memory-graph.js';

describe('takeSnapshot of the MFA report', () => {
  it('publishes the rows of people in scope only', async () => {
    const { ports, tenant, run, know } = setUpReads();
    know(tenant.direct);
    know(tenant.outside, false);
    assert.equal((await run({ kind: 'mfa' })).state, 'complete');
    const rows = ports.observations().filter((one) => one.type === 'mfa');
    assert.deepEqual(rows.map(({ userId }) => userId).sort(), [...tenant.direct].sort());
  });

  it('filters by the group itself where users are not synced', async () => {
    const { ports, tenant, run } = setUpReads();
    tenant.settings.features.userSync = false;
    await run({ kind: 'mfa' });
    assert.equal(ports.observations().filter(({ type }) => type === 'mfa').length, 25);
  });

  it('tells the row of somebody who is in scope no more as no data, though the report has it', async () => {
    const { ports, tenant, run } = setUpReads();
    const [leaver = ''] = tenant.outside;
    tenant.settings.features.userSync = false;
    ports.rows.set(tenant.settings.tenantId, [{ userId: leaver, observedAt: EARLIER, stale: false }]);
    await run({ kind: 'mfa' });
    const told = ports.observations().filter((one) => one.type === 'mfa' && one.userId === leaver);
    assert.deepEqual(
      told.map((one) => one.type === 'mfa' && one.row),
      [null],
    );
  });

  it('leaves alone who came into scope after the scope was read, while the first page was waited for', async () => {
    const { ports, tenant, run, know } = setUpReads();
    know(tenant.direct.slice(1));
    const [entered = ''] = tenant.direct;
    const open = tenant.graph.mfaPages.bind(tenant.graph);
    tenant.graph.mfaPages = (...options) => {
      const observedAt = ports.clock.now.toISOString();
      ports.rows.set(tenant.settings.tenantId, [{ userId: entered, observedAt, stale: false }]);
      ports.clock.now = new Date(ports.clock.now.getTime() + 6_000);
      return open(...options);
    };
    assert.equal((await run({ kind: 'mfa' })).state, 'complete');
    assert.deepEqual(
      ports.observations().filter((one) => one.type === 'mfa' && one.userId === entered),
      [],
    );
  });

  it('leaves out the guests who are out by the settings, whose documents are still there', async () => {
    const { ports, tenant, run, know } = setUpReads();
    Object.assign(tenant.settings, { groupId: null, includeGuests: false });
    know(tenant.direct);
    know(tenant.outside, false);
    await run({ kind: 'mfa' });
    const rows = ports.observations().filter((one) => one.type === 'mfa');
    assert.equal(rows.length, tenant.direct.length);
  });

  it('tells a row that a complete report no longer has as no data', async () => {
    const { ports, tenant, run, know } = setUpReads();
    know(tenant.direct);
    const [vanished = '', stale = '', ...others] = tenant.direct;
    for (const userId of [vanished, stale]) tenant.report.delete(userId);
    ports.rows.set(tenant.settings.tenantId, [
      { userId: vanished, observedAt: EARLIER, stale: false },
      { userId: stale, observedAt: EARLIER, stale: true },
      ...others.map((userId) => ({ userId, observedAt: EARLIER, stale: false })),
    ]);
    await run({ kind: 'mfa' });
    const gone = ports.observations().filter((one) => one.type === 'mfa' && one.row === null);
    assert.deepEqual(
      gone.map((one) => (one.type === 'mfa' ? one.userId : '')),
      [vanished],
    );
  });

  it('keeps the last good data when the report is empty, and says so', async () => {
    const { ports, tenant, run, know } = setUpReads();
    know(tenant.direct);
    tenant.report.clear();
    ports.rows.set(
      tenant.settings.tenantId,
      tenant.direct.map((userId) => ({ userId, observedAt: EARLIER, stale: false })),
    );
    assert.equal((await run({ kind: 'mfa' })).failure?.code, 'removals.held');
    assert.ok(ports.observations().every(({ type }) => type === 'snapshot-end'));
  });

  it('believes a missing licence the third time only', async () => {
    const { tenant, run, pauses } = setUpReads();
    let tries = 0;
    tenant.beforePage = () => {
      tries += 1;
      if (tries <= 2) throw noLicence();
    };
    assert.equal((await run({ kind: 'mfa' })).state, 'complete');
    tenant.beforePage = () => {
      throw noLicence();
    };
    pauses.length = 0;
    const record = await run({ kind: 'mfa' });
    assert.deepEqual([record.state, record.failure?.code, pauses], ['failed', 'graph.no-licence', [5_000, 5_000]]);
  });
});
