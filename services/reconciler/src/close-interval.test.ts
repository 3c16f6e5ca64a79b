import assert from 'node:assert/strict';
import type { UserDocument, UserFacts } from '@muster/contracts';
import { toDocument } from '../test/support/documents.js';
import { setUpReads } from '../test/support/full-reads.js';
import { toUser } from '../test/support/tenant.js';

const MINUTE = 60_000;

describe('the full read behind a lost token', () => {
  const setUp = () => {
    const { ports, tenant, run } = setUpReads();
    const { integrationId } = tenant.settings;
    const read = async () => {
      assert.equal((await run()).state, 'complete');
      return ports.cursors.get(`${integrationId}/users`)!.takenAt;
    };
    const lose = (): void => {
      const held = ports.cursors.get(`${integrationId}/users`)!;
      const resetAt = ports.clock.now.toISOString();
      ports.cursors.set(`${integrationId}/users`, { ...held, links: [], resetAt, everyMs: 3 * MINUTE });
    };
    const pass = (minutes: number): void => {
      ports.clock.now = new Date(ports.clock.now.getTime() + minutes * MINUTE);
    };
    return { ports, tenant, read, lose, pass };
  };

  for (const [minutes, state] of [
    [4, 'by-sweep'],
    [120, 'blind'],
  ] as const)
    it(`closes the interval in the ledger, which nobody else can: ${minutes} min are ${state}`, async () => {
      const { ports, read, lose, pass } = setUp();
      const from = await read();
      assert.equal(ports.sweeps.length, 0, 'ahead of the first one there is nothing to close');
      pass(minutes);
      await read();
      assert.equal(ports.sweeps.length, 0, 'a token that is of use goes on');
      lose();
      const to = await read();
      assert.deepEqual(
        ports.sweeps.map((sweep) => [sweep.from, sweep.to, sweep.state]),
        [[from, to, state]],
      );
      assert.equal(ports.sweeps[0]?.judgedAt, null, 'the first sweep behind it says who changed later');
    });

  it('goes back to a token from before it where the scope is another: of newcomers no sweep told meanwhile', async () => {
    const { ports, tenant, read } = setUp();
    await read();
    const key = `${tenant.settings.integrationId}/users`;
    const before = ports.cursors.get(key)!;
    const swept = { ...before, links: [{ deltaLink: 'swept', groupIds: [] }], revision: before.revision + 1 };
    ports.cursors.set(key, swept);
    await read();
    assert.deepEqual(ports.cursors.get(key), swept, 'a read of the same scope leaves it alone');
    Object.assign(tenant.settings, { groupId: tenant.nestedId });
    await read();
    const { links, revision, ...rest } = ports.cursors.get(key)!;
    assert.deepEqual(links, ports.snapshots.at(-1)?.tokens?.users);
    assert.notDeepEqual(links, swept.links);
    assert.deepEqual({ ...rest, links: swept.links, revision: revision - 1 }, swept, 'nothing else is another');
    assert.equal(ports.sweeps.length, 0, 'no interval is closed by it');
  });

  it('counts in it who differs and who was announced, as a sweep would have, and whom it removes', async () => {
    const { ports, tenant, read, lose, pass } = setUp();
    const { tenantId } = tenant.settings;
    const from = await read();
    const [missed, announced, late, same, gone, left] = tenant.direct as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const soon = new Date(Date.parse(from) + MINUTE).toISOString();
    const know = (userId: string, fields: Partial<UserDocument> = {}, facts: Partial<UserFacts> = {}): void => {
      const user = tenant.users.get(userId) ?? toUser(userId);
      const key = `${tenantId}/${userId}`;
      const document = toDocument({ tenantId, user });
      ports.documents.set(key, { ...document, observedAt: from, changedAt: from, ...fields });
      ports.facts.set(key, { userObservedAt: from, membership: null, ...facts });
    };
    for (const userId of [...tenant.direct, ...tenant.nested]) know(userId);
    know(missed, { displayName: 'As before' });
    know(announced, { changedAt: soon }, { notifiedAt: soon });
    know(late, { displayName: 'As before' }, { notifiedAt: soon });
    know(same, {}, { notifiedAt: soon });
    know(left, { status: 'deleted', changedAt: soon }, { notifiedAt: soon });
    ports.left.push(left);
    for (const userId of [gone, left]) tenant.users.delete(userId);
    const inScope = [...tenant.direct, ...tenant.nested].filter((userId) => userId !== left);
    ports.people.set(
      tenantId,
      inScope.map((userId) => ({ userId, observedAt: from, inGroup: true, status: 'active' })),
    );
    pass(4);
    lose();
    await read();
    const [closed] = ports.sweeps;
    assert.deepEqual(closed?.suspects.map(({ userId }) => userId).sort(), [missed, gone].sort());
    assert.deepEqual([closed.announced, closed.found, closed.ahead, closed.closedBy], [3, 2, [], 'full']);
  });

  it('leaves out whom sweeps before count that wait to be judged, however many these are', async () => {
    const { ports, tenant, read, lose, pass } = setUp();
    const { integrationId, tenantId } = tenant.settings;
    const from = await read();
    const earlier = (seconds: number): string => new Date(Date.parse(from) - seconds * 1_000).toISOString();
    const [counted = '', missed = ''] = tenant.direct;
    const differs = new Set([counted, missed]);
    for (const userId of [...tenant.direct, ...tenant.nested]) {
      const document = toDocument({ tenantId, user: tenant.users.get(userId) ?? toUser(userId) });
      const before = {
        observedAt: from,
        changedAt: from,
        ...(differs.has(userId) ? { displayName: 'As before' } : {}),
      };
      ports.documents.set(`${tenantId}/${userId}`, { ...document, ...before });
    }
    for (let second = 149; second >= 0; second -= 1)
      ports.sweeps.push({
        ...{ sweepId: `${second}`, integrationId, tenantId, from: earlier(second + 1), to: earlier(second) },
        ...{ state: 'covered', rows: 1, announced: 0, found: 1, lost: 0, worstDelayMs: 0, judgedAt: null },
        suspects: second === 0 ? [{ userId: counted, observedAt: from }] : [],
      });
    pass(4);
    lose();
    await read();
    const closed = ports.sweeps.find(({ closedBy }) => closedBy === 'full');
    assert.deepEqual(
      closed?.suspects.map(({ userId }) => userId),
      [missed],
    );
  });

  it('says nothing of losses when the interval was longer than it is known who was announced', async () => {
    const { ports, read, lose, pass } = setUp();
    await read();
    pass(25 * 60);
    lose();
    await read();
    assert.deepEqual([ports.sweeps[0]?.found, ports.sweeps[0]?.judgedAt], [0, ports.clock.now.toISOString()]);
  });
});
