import assert from 'node:assert/strict';
import { Failure, isFailure } from '@muster/contracts';
import { collectPages } from '../test/collect.js';
import { groupDeltaPages, userDeltaPages, type DeltaOptions } from './delta.js';
import type { DeltaGroup, DeltaPage, DeltaUser } from './graph.js';
import { createTransport, type Transport } from './microsoft-graph.js';
import { createClockSkew } from './clock-skew.js';
import { toFailure } from './to-failure.js';

const observedAt = '2026-01-01T00:00:00.000Z';
const id = (last: number): string => `00000000-0000-4000-8000-00000000000${last}`;
const link = (name: string): string => `https://graph.example/v1.0/users/delta?$skiptoken=${name}`;
const done = { value: [], '@odata.deltaLink': link('done') };

/** Answers in order; a number is a refusal with this status. */
function bench(answers: readonly unknown[]) {
  const asked: string[] = [];
  const left = [...answers];
  const transport: Transport = ({ path, what }) => {
    asked.push(path);
    const body = left.shift();
    if (typeof body === 'number') return Promise.reject(toFailure({ status: body, body: null, retryAfterMs: 5, what }));
    if (body instanceof Failure) return Promise.reject(body);
    return Promise.resolve({ status: 200, body, observedAt });
  };
  const users = async (options?: DeltaOptions): Promise<DeltaPage<DeltaUser>[]> =>
    collectPages(userDeltaPages(transport, options));
  const groups = async (): Promise<DeltaGroup[]> =>
    (await collectPages(groupDeltaPages(transport, { groupIds: [id(1)] }))).flatMap(({ rows }) => rows);
  return { asked, transport, users, groups };
}
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'went well',
    (error: unknown) => (isFailure(error) ? error.code : String(error)),
  );

describe('userDeltaPages', () => {
  it('follows links as they stand, also through an empty page, to the deltaLink', async () => {
    const { asked, users } = bench([
      { value: [{ id: id(1) }], '@odata.nextLink': link('a%2B=') },
      { value: [], '@odata.nextLink': link('b') },
      { value: [{ id: id(2) }], '@odata.deltaLink': link('done') },
    ]);
    const pages = await users();
    assert.deepEqual(
      pages.map(({ rows, nextLink, deltaLink }) => [rows.length, nextLink, deltaLink]),
      [
        [1, link('a%2B='), null],
        [0, link('b'), null],
        [1, null, link('done')],
      ],
    );
    assert.match(asked[0]!, /^\/users\/delta\?\$select=id,.*accountEnabled,userType$/);
    assert.deepEqual(asked.slice(1), [link('a%2B='), link('b')]);
  });

  it('tells removals with whether they can be undone, also where the reason is text or unknown', async () => {
    const rows = [
      { id: id(1), '@removed': { reason: 'changed' } },
      { id: id(2), '@removed': { reason: 'deleted' } },
      { id: id(3), '@removed': 'deleted' },
      { id: id(4), '@removed': {} },
      { id: id(5), displayName: 'Ann' },
    ];
    const [page] = await bench([{ ...done, value: rows }]).users();
    assert.deepEqual(
      page?.rows.map(({ userId, user, removed }) => [userId, user?.displayName, removed]),
      [
        [id(1), undefined, 'soft'],
        [id(2), undefined, 'hard'],
        [id(3), undefined, 'hard'],
        [id(4), undefined, 'soft'],
        [id(5), 'Ann', undefined],
      ],
    );
  });

  it('counts rows that are none', async () => {
    const [page] = await bench([{ ...done, value: [{ id: id(1) }, null, { id: 'x' }] }]).users();
    assert.deepEqual([page?.rows.length, page?.malformed], [1, 2]);
  });

  it('asks for the newest token without data', async () => {
    const { asked, users } = bench([done]);
    assert.equal((await users({ latest: true })).at(-1)?.deltaLink, link('done'));
    assert.match(asked[0]!, /&\$deltatoken=latest$/);
  });

  for (const status of [400, 404, 409, 410, 412, 422])
    it(`takes a ${status} on a call with a token as: the token is gone`, async () => {
      assert.equal(await codeOf(bench([status]).users({ from: link('old') })), 'graph.gone');
    });

  for (const [status, code] of [
    [401, 'graph.unauthorized'],
    [403, 'graph.forbidden'],
    [408, 'graph.unavailable'],
    [429, 'graph.throttled'],
    [503, 'graph.unavailable'],
  ] as const)
    it(`leaves a ${status} on a call with a token what it is`, async () => {
      assert.equal(await codeOf(bench([status]).users({ from: link('old') })), code);
    });

  it('calls a token gone on a later page too, but not a first call that was refused', async () => {
    assert.equal(await codeOf(bench([{ value: [], '@odata.nextLink': link('b') }, 400]).users()), 'graph.gone');
    assert.equal(await codeOf(bench([400]).users()), 'graph.refused');
  });

  it('takes a token of another address of Graph for gone, and sends nothing there; a link given there stays an error', async () => {
    const here = createTransport({
      graphUrl: 'https://graph.elsewhere.example',
      acquireToken: () => assert.fail('nothing is to be sent'),
      skew: createClockSkew(),
    });
    assert.equal(await codeOf(collectPages(userDeltaPages(here, { from: link('old') }))), 'graph.gone');
    let first = true;
    const led: Transport = (request) => {
      if (!first) return here(request);
      first = false;
      return Promise.resolve({ status: 200, body: { value: [], '@odata.nextLink': link('b') }, observedAt });
    };
    assert.equal(await codeOf(collectPages(userDeltaPages(led))), 'graph.malformed');
  });

  it('leaves what is no answer of Graph alone', async () => {
    const lost = new Failure('graph.unavailable', 'no network', { retryable: true });
    assert.equal(await codeOf(bench([lost]).users({ from: link('old') })), 'graph.unavailable');
  });

  for (const [what, page] of [
    ['no link', { value: [] }],
    ['both links', { value: [], '@odata.nextLink': link('a'), '@odata.deltaLink': link('b') }],
    ['no list', { '@odata.deltaLink': link('b') }],
    ['a next link to itself', { value: [], '@odata.nextLink': link('old') }],
  ] as const)
    it(`refuses a page with ${what}`, async () => {
      assert.equal(await codeOf(bench([page]).users({ from: link('old') })), 'graph.malformed');
    });
});

describe('userDeltaPages that lead in a circle', () => {
  it('end in a failure', async () => {
    const lead = (to: string) => ({ value: [], '@odata.nextLink': link(to) });
    const { asked, users } = bench([lead('a'), lead('old'), done]);
    assert.equal(await codeOf(users({ from: link('old') })), 'graph.malformed');
    assert.equal(asked.length, 2);
  });
});

describe('groupDeltaPages', () => {
  it('names the groups and the properties in the first call', async () => {
    const { asked, groups } = bench([done]);
    await groups();
    assert.equal(
      asked[0],
      `/groups/delta?$select=id,displayName,members&$filter=${encodeURIComponent(`id eq '${id(1)}'`)}`,
    );
  });

  it('tells who came and went; other objects are left out, unnamed ones may be groups', async () => {
    const member = (last: number, type: string | null, removed = false) => ({
      id: id(last),
      ...(type === null ? {} : { '@odata.type': `#microsoft.graph.${type}` }),
      ...(removed ? { '@removed': { reason: 'deleted' } } : {}),
    });
    const members = [
      member(2, 'user'),
      member(3, 'user', true),
      member(4, 'device'),
      member(5, 'group'),
      member(6, null),
    ];
    const rows = await bench([
      {
        ...done,
        value: [
          { id: id(1), displayName: 'All', 'members@delta': members },
          { id: id(7), '@removed': {} },
        ],
      },
    ]).groups();
    assert.deepEqual(rows, [
      {
        groupId: id(1),
        removed: null,
        displayName: 'All',
        members: [
          { id: id(2), kind: 'user', removed: false },
          { id: id(3), kind: 'user', removed: true },
          { id: id(5), kind: 'group', removed: false },
          { id: id(6), kind: 'group', removed: false },
        ],
      },
      { groupId: id(7), removed: 'soft', members: [] },
    ]);
  });

  it('refuses more groups than Graph takes in one query, and none', () => {
    const { transport } = bench([]);
    const fifty = Array.from({ length: 50 }, () => id(1));
    groupDeltaPages(transport, { groupIds: fifty });
    assert.throws(() => groupDeltaPages(transport, { groupIds: [...fifty, id(2)] }), RangeError);
    assert.throws(() => groupDeltaPages(transport, { groupIds: [] }), RangeError);
  });
});
