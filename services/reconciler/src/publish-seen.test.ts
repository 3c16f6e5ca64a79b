import assert from 'node:assert/strict';
import { toUserDocument } from '@muster/test-support';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import { toUser } from '../test/support/tenant.js';
import { toGoneEvent, toUserEvent, type Origin } from './domain/observations.js';
import { publishSeen } from './publish-seen.js';

const AT = '2026-03-01T08:00:00.000Z';
const [here, known, unknown] = [1, 2, 3].map((nr) => `00000000-0000-4000-8000-00000000000${nr}`) as [
  string,
  string,
  string,
];
const origin: Origin = { integrationId: here, tenantId: here, settingsRevision: 1, groupId: here, source: 'delta' };

describe('publishSeen', () => {
  it('tells what a sweep saw on its topic, and who is out but has no document behind full reads, too', async () => {
    const { deps, documents, published } = createMemoryPorts();
    documents.set(`${here}/${known}`, toUserDocument({ userId: known, tenantId: here }));
    const out = { membership: { inGroup: false, groupPath: [] } };
    await publishSeen(deps, [
      toUserEvent(origin, AT, { user: toUser(here) }),
      toGoneEvent(origin, AT, { userId: known, removed: 'soft' }),
      toUserEvent(origin, AT, { user: toUser(unknown), ...out }),
    ]);
    assert.deepEqual(
      published.map(({ topic, key }) => [topic, key]),
      [
        ['sweeps', `${here}/${here}`],
        ['sweeps', `${here}/${known}`],
        ['sweeps', `${here}/${unknown}`],
        ['observations', `${here}/${unknown}`],
      ],
    );
  });

  it('looks nobody up for those who are in', async () => {
    const { deps, published } = createMemoryPorts();
    const users = { ...deps.store.users, load: () => assert.fail('nobody is out') };
    await publishSeen({ ...deps, store: { users } }, [
      toUserEvent({ ...origin, source: 'full' }, AT, { user: toUser(here) }),
    ]);
    assert.deepEqual(
      published.map(({ topic }) => topic),
      ['observations'],
    );
  });
});
