import assert from 'node:assert/strict';
import { setUpReads } from '../test/support/full-reads.js';
import { unavailable } from '../test/support/memory-graph.js';
import { toUser } from '../test/support/tenant.js';

describe('takeSnapshot of users', () => {
  it('publishes everyone in scope once, with the way they are in, and no outsider', async () => {
    const { tenant, run, users, seen } = setUpReads();
    const record = await run();
    assert.deepEqual(seen().sort(), [...tenant.direct, ...tenant.nested].sort());
    for (const { userId, membership } of users())
      assert.deepEqual(membership, {
        groupId: tenant.groupId,
        inGroup: true,
        groupPath: tenant.nested.includes(userId) ? [tenant.groupId, tenant.nestedId] : [tenant.groupId],
      });
    assert.deepEqual([record.state, record.failure, record.pages, record.rows], ['complete', null, 4, 35]);
  });

  it('publishes the groups of the tree, and the end marks on every partition behind the rows', async () => {
    const { ports, tenant, run } = setUpReads();
    await run();
    const groups = ports.observations().filter((one) => one.type === 'group');
    assert.deepEqual(
      groups.map(({ groupPath }) => groupPath),
      [[tenant.groupId], [tenant.groupId, tenant.nestedId]],
    );
    const ends = ports.published.slice(-12);
    assert.deepEqual(
      ends.map(({ partition }) => partition),
      Array.from({ length: 12 }, (_, partition) => partition),
    );
    assert.ok(ends.every(({ value }) => (value as { type: string }).type === 'snapshot-end'));
  });

  it('takes everyone without a group, and leaves guests out where the settings say so', async () => {
    const { tenant, run, users } = setUpReads();
    const [guest = ''] = tenant.outside;
    tenant.users.set(guest, toUser(guest, 'Guest'));
    Object.assign(tenant.settings, { groupId: null, includeGuests: false });
    await run();
    assert.equal(users().length, 34);
    assert.ok(users().every(({ userId, membership }) => userId !== guest && membership?.groupPath.length === 0));
  });

  it('dates a person by the older of the two reads, the group and the page', async () => {
    const { ports, tenant, run, users } = setUpReads();
    const began = ports.clock.now.toISOString();
    const advance = (page: number): void => {
      ports.clock.now = new Date(Date.parse(began) + page * 60_000);
    };
    tenant.beforePage = advance;
    await run();
    assert.deepEqual([...new Set(users().map(({ observedAt }) => observedAt))], [began]);

    ports.published.length = 0;
    advance(0);
    tenant.settings.groupId = null;
    await run();
    const minutes = users().map(({ observedAt }) => (Date.parse(observedAt) - Date.parse(began)) / 60_000);
    assert.deepEqual([...new Set(minutes)], [0, 1, 2, 3]);
  });

  it('removes who is gone and who left the group, each confirmed by id', async () => {
    const { ports, tenant, run, know, users } = setUpReads();
    const [left = ''] = tenant.outside;
    const gone = '00000000-0000-4000-8000-000000000001';
    know([...tenant.direct, ...tenant.nested, left, gone]);
    assert.equal((await run()).failure, null);
    const removals = users().slice(25);
    assert.deepEqual(tenant.readById, [[left, gone]]);
    assert.deepEqual(removals[0]?.membership, { groupId: tenant.groupId, inGroup: false, groupPath: [] });
    assert.deepEqual([removals[1]?.userId, removals[1]?.user, removals[1]?.removed], [gone, null, 'soft']);
    assert.equal(removals.length, 2);
    assert.equal(ports.snapshots.length, 1);
  });

  it('removes guests who were out of scope by the settings without an admin: nobody loses anything', async () => {
    const { tenant, run, know, users } = setUpReads();
    Object.assign(tenant.settings, { groupId: null, includeGuests: false });
    const guests = Array.from({ length: 30 }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`);
    know([...tenant.direct, ...tenant.nested, ...tenant.outside], false);
    know(guests, false, 'out-of-scope');
    assert.equal((await run()).failure, null);
    assert.equal(users().filter(({ removed }) => removed === 'soft').length, guests.length);
  });

  it('counts with those who leave nobody whose leaving a clock dated that was an hour ahead', async () => {
    const { ports, tenant, run, know } = setUpReads();
    const gone = '00000000-0000-4000-8000-000000000001';
    know([...tenant.direct, ...tenant.nested, gone]);
    const left = Array.from({ length: 30 }, (_, at) => `10000000-0000-4000-8000-${String(at).padStart(12, '0')}`);
    let aheadMs = 0;
    ports.deps.store.users.leftSince = (_, since, until) => {
      const changedAt = ports.clock.now.getTime() + aheadMs;
      return Promise.resolve(changedAt >= since.getTime() && !(until && changedAt > until.getTime()) ? left : []);
    };
    assert.equal((await run()).failure?.code, 'removals.held');
    ports.plans.clear();
    aheadMs = 3_600_000;
    assert.equal((await run()).failure, null);
  });

  it('does not remove who was only hidden from the list', async () => {
    const { tenant, run, know, users } = setUpReads();
    const [hidden = ''] = tenant.direct;
    know(tenant.direct);
    tenant.hidden.add(hidden);
    await run();
    const again = users().find(({ userId }) => userId === hidden);
    assert.ok(again?.user);
    assert.equal(again.membership, undefined);
  });

  it('removes nobody, and says so, when the group was emptied', async () => {
    const { tenant, run, know, seen } = setUpReads();
    know([...tenant.direct, ...tenant.nested]);
    tenant.groups.set(tenant.groupId, []);
    const record = await run();
    assert.deepEqual([record.state, record.failure?.code], ['complete', 'removals.held']);
    assert.match(record.failure?.message ?? '', /25 of 25 people.*everyone/);
    assert.deepEqual([seen(), tenant.readById], [[], []]);
  });

  it('fails and removes nobody when the group vanished', async () => {
    const { tenant, run, know, seen } = setUpReads();
    know(tenant.direct);
    tenant.groups.delete(tenant.groupId);
    const record = await run();
    assert.deepEqual([record.state, record.failure?.code, seen()], ['failed', 'group.vanished', []]);
  });

  it('says while it runs when its last page will be there, by what Graph lets through', async () => {
    const { ports, tenant, run } = setUpReads();
    const seen: unknown[] = [];
    tenant.beforePage = (page) => {
      if (page > 1) seen.push(ports.snapshots.at(-1)?.pagesEndAt);
    };
    const record = await run();
    const in2s = (pages: number) => new Date(ports.clock.now.getTime() + pages * 2_000).toISOString();
    // 35 people in pages of 10: after the first one 2.5 pages are left.
    assert.deepEqual(seen, [in2s(3), in2s(2), in2s(1)]);
    assert.equal(record.pagesEndAt, null);
  });

  it('tries a failed page again, waiting as Graph asks, and tells nobody twice', async () => {
    const { tenant, run, pauses, seen } = setUpReads();
    let failures = 2;
    tenant.beforePage = (page) => {
      if (page === 3 && failures-- > 0) throw unavailable(45_000);
    };
    assert.equal((await run()).state, 'complete');
    assert.deepEqual(pauses, [45_000, 45_000]);
    assert.equal(new Set(seen()).size, seen().length);
  });

  it('ends where pages name each other as the next, though a reading that is opened again does not know', async () => {
    const { ports, tenant, run } = setUpReads();
    const next = new Map([
      ['first', 'one'],
      ['one', 'two'],
      ['two', 'one'],
    ]);
    let read = 0;
    tenant.graph.userPages = async function* ({ resumeFrom = 'first' } = {}) {
      const followed = new Set([resumeFrom]);
      for (let link = resumeFrom; ; link = next.get(link)!) {
        assert.ok((read += 1) < 20, 'it does not end');
        const nextLink = next.get(link)!;
        if (followed.has(nextLink)) throw unavailable();
        followed.add(nextLink);
        yield { rows: [], malformed: 0, nextLink, observedAt: await Promise.resolve(ports.clock.now.toISOString()) };
      }
    };
    const { state, failure } = await run();
    assert.deepEqual([state, failure?.code], ['failed', 'graph.malformed']);
  });

  it('fails with the code, publishes no end mark and removes nobody when a page cannot be read', async () => {
    const { ports, tenant, run, know } = setUpReads();
    know(['00000000-0000-4000-8000-000000000001']);
    tenant.beforePage = (page) => {
      if (page === 3) throw unavailable();
    };
    const record = await run();
    assert.deepEqual([record.state, record.failure?.code, record.pages], ['failed', 'graph.unavailable', 2]);
    assert.ok(ports.observations().every(({ type }) => type !== 'snapshot-end'));
    assert.deepEqual(tenant.readById, []);
  });

  const spoilers: [string, (given: ReturnType<typeof setUpReads>) => void][] = [
    ['snapshot.malformed', ({ tenant }) => (tenant.malformed = 1)],
    ['snapshot.not-projected', ({ ports }) => ports.answering.delete(7)],
    ['snapshot.count-differs', ({ tenant }) => (tenant.graph.countUsers = () => Promise.resolve(36))],
  ];
  for (const [code, spoil] of spoilers)
    it(`is not complete and removes nobody: ${code}`, async () => {
      const given = setUpReads();
      given.know(['00000000-0000-4000-8000-000000000001']);
      spoil(given);
      const record = await given.run();
      assert.deepEqual([record.state, record.failure?.code, given.tenant.readById], ['failed', code, []]);
    });

  it('begins to follow changes though a row cannot be read, which proves nobody absent', async () => {
    const { ports, tenant, run, know } = setUpReads();
    know([...tenant.direct, '00000000-0000-4000-8000-000000000001']);
    tenant.malformed = 1;
    const record = await run();
    assert.equal(record.failure?.code, 'snapshot.malformed');
    assert.ok(ports.cursors.get(`${tenant.settings.integrationId}/users`)?.links.length);
  });

  it('leaves its record when the service stops; the next run goes on with the link and removes nobody', async () => {
    const { tenant, run, know, ports, seen } = setUpReads();
    const inScope = [...tenant.direct, ...tenant.nested];
    const onLaterPages = [...tenant.users.keys()].slice(20).filter((userId) => inScope.includes(userId));
    know([...onLaterPages, '00000000-0000-4000-8000-000000000001']);
    const stopping = new AbortController();
    tenant.beforePage = (page) => {
      if (page === 3) stopping.abort(new Error('stop'));
    };
    const left = await run({ signal: stopping.signal });
    assert.deepEqual([left.state, left.nextLink], ['running', 'https://graph.test/next?page=3']);
    tenant.beforePage = () => undefined;
    const record = await run({ resume: left });
    assert.deepEqual([record.state, record.resumed, record.rows, record.pages], ['complete', true, 35, 4]);
    assert.deepEqual(tenant.resumed, ['https://graph.test/next?page=3']);
    assert.deepEqual([tenant.readById, ports.snapshots.length, record.failure], [[], 1, null]);
    assert.deepEqual(seen().sort(), inScope.sort());
  });

  it('ends when the integration is paused meanwhile', async () => {
    const { ports, tenant, run } = setUpReads();
    tenant.beforePage = (page) => {
      if (page === 2) ports.settings.set(tenant.settings.integrationId, { ...tenant.settings, state: 'paused' });
    };
    const record = await run();
    assert.deepEqual([record.failure?.code, record.pages], ['integration.changed', 2]);
  });

  it('writes its own words for an unknown error, not those of the error', async () => {
    const { tenant, run } = setUpReads();
    tenant.beforePage = () => {
      throw new TypeError('client_secret=abc');
    };
    const { failure } = await run();
    assert.equal(failure?.code, 'internal');
    assert.doesNotMatch(failure.message, /abc/);
  });

  it('gives the projector its time by a clock that nobody sets', async () => {
    const { ports, run } = setUpReads();
    let elapsedMs = 0;
    Object.assign(ports.deps, { projectionLimitMs: 1_800_000, elapsedMs: () => elapsedMs });
    ports.answering.delete(7);
    const began = ports.clock.now;
    const pauses: number[] = [];
    const answerLate = async (ms: number): Promise<void> => {
      pauses.push(ms);
      ports.clock.now = new Date(began.getTime() + 3_600_000);
      if (pauses.length === 3) ports.snapshots.at(-1)!.projected[7] = began.toISOString();
      return Promise.resolve();
    };
    assert.deepEqual([(await run({ pause: answerLate })).failure, pauses.length], [null, 3]);
    const neverAnswer = (): Promise<void> => Promise.resolve(void (elapsedMs += 900_000));
    assert.equal((await run({ pause: neverAnswer })).failure?.code, 'snapshot.not-projected');
  });
});
