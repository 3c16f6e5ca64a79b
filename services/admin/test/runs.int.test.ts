import assert from 'node:assert/strict';
import { snapshotRecord, type SnapshotKind } from '@muster/contracts';
import { createResources, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';

const operator = bearer(OPERATOR_KEY);

describe('full reads by page', () => {
  let admin: AdminHarness;
  let path: string;

  before(async () => {
    const { kafkaBrokers: brokers, mongodbUri } = testServers();
    admin = await startAdmin({ resources: createResources('admin runs', mongodbUri), brokers });
    const { body } = await admin.agent.post('/api/v1/integrations').set(operator).send(newIntegration()).expect(201);
    path = `/api/v1/integrations/${body.integrationId}/runs`;
    const { integrationId, tenantId } = body;
    /** Hourly reads of the report, and one of users a day: the older one is behind more than a whole page of them. */
    const keep = (kind: SnapshotKind, hour: number) =>
      admin.store.snapshots.insert(
        snapshotRecord.parse({
          ...{ snapshotId: `${kind}-${hour}`, integrationId, tenantId, kind, state: 'complete', reason: 'due' },
          ...{ pages: 1, rows: 1, expectedRows: 1, nextLink: null, resumed: false, failure: null, projected: {} },
          ...{ publishedAt: null, finishedAt: null, startedAt: new Date(Date.UTC(2026, 0, 1, hour)).toISOString() },
        }),
      );
    for (let hour = 0; hour < 230; hour += 1) await keep('mfa', hour);
    // At the same instant as one of the report, too.
    for (const hour of [0, 24, 220]) await keep('users', hour);
  });
  after(() => admin.stop());

  const idsOf = async (query: string): Promise<string[]> => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await admin.agent.get(`${path}?${query}${more}`).set(operator).expect(200);
      ids.push(...body.items.map(({ snapshotId }: { snapshotId: string }) => snapshotId));
      cursor = body.nextCursor;
    } while (cursor !== null);
    return ids;
  };

  it('of one kind: reads of users are found behind any number of those of the report', async () => {
    assert.deepEqual(await idsOf('kind=users&limit=2'), ['users-220', 'users-24', 'users-0']);
  });

  it('each once, newest first, also where two began at the same instant', async () => {
    const ids = await idsOf('limit=7');
    assert.equal(ids.length, 233);
    assert.equal(new Set(ids).size, 233);
    assert.deepEqual([ids[0], ids.slice(-2)], ['mfa-229', ['users-0', 'mfa-0']]);
  });

  it('a cursor of another list is refused', async () => {
    const cursor = Buffer.from('history:2026 x').toString('base64url');
    await admin.agent.get(`${path}?cursor=${cursor}`).set(operator).expect(400);
  });
});
