import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { createLogger } from '@muster/telemetry';
import { testServers } from '@muster/test-support';
import { createGraphFactory, type DeltaPage, type Graph } from '../src/index.js';
import { collectPages, failureOf } from './collect.js';

type Round<T> = { rows: T[]; deltaLink: string };

async function readRound<T>(pages: AsyncIterable<DeltaPage<T>>): Promise<Round<T>> {
  const all = await collectPages(pages);
  const { deltaLink } = all.at(-1)!;
  assert.ok(deltaLink);
  assert.ok(all.every(({ malformed }) => malformed === 0));
  return { rows: all.flatMap(({ rows }) => rows), deltaLink };
}

describe('delta queries against the simulator', () => {
  let simulator: Simulator;
  let tenant: ReturnType<Simulator['control']['createTenant']>['tenant'];
  let graph: Graph;
  const control = () => simulator.control;

  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    simulator = await createSimulator({ tls });
    const origin = await simulator.start();
    ({ tenant } = control().createTenant({ people: 450, groupMembers: 440, nestedGroups: 1 }));
    const connect = createGraphFactory({ logger: createLogger({ service: 'graph-client', level: 'silent' }) });
    const { tenantId, clientId, clientSecret } = tenant;
    graph = connect({ tenantId, clientId, clientSecret: clientSecret ?? '', graphUrl: origin, loginUrl: origin });
  });
  afterEach(() => control().setFaults({}));
  after(() => simulator.stop());

  it('gives everyone in a first round, over several pages', async () => {
    const { rows } = await readRound(graph.userDeltaPages());
    const ids = new Set(rows.filter(({ user }) => user).map(({ userId }) => userId));
    const living = control()
      .truth(tenant.tenantId)
      .users.filter(({ deletedDateTime }) => deletedDateTime === null);
    assert.deepEqual([...ids].sort(), living.map(({ id }) => id).sort());
  });

  it('tells who was changed, deleted for now and for good since a token, and nobody else', async () => {
    const { rows: none, deltaLink } = await readRound(graph.userDeltaPages({ latest: true }));
    assert.deepEqual(none, []);
    const [renamed, binned, purged] = control()
      .truth(tenant.tenantId)
      .users.map(({ id }) => id) as [string, string, string];
    control().updateUser(tenant.tenantId, renamed, { displayName: 'Renamed' });
    control().deleteUser(tenant.tenantId, binned);
    control().deleteUser(tenant.tenantId, purged, { permanent: true });
    const { rows, deltaLink: next } = await readRound(graph.userDeltaPages({ from: deltaLink }));
    const told = new Map(rows.map((row) => [row.userId, row.user?.displayName ?? row.removed]));
    assert.deepEqual(
      told,
      new Map([
        [renamed, 'Renamed'],
        [binned, 'soft'],
        [purged, 'hard'],
      ]),
    );
    assert.deepEqual((await readRound(graph.userDeltaPages({ from: next }))).rows, []);
  });

  it('goes through a page that is empty on purpose', async () => {
    control().setFaults({ rules: [{ type: 'emptyPage', count: 1, path: '/users/delta' }] });
    const pages = await collectPages(graph.userDeltaPages());
    assert.ok(pages.some(({ rows, nextLink }) => rows.length === 0 && nextLink !== null));
  });

  it("tells a big group's members in slices, and who came and went since", async () => {
    const groupIds = [tenant.groupId, ...tenant.nestedGroupIds];
    const { rows: first, deltaLink } = await readRound(graph.groupDeltaPages({ groupIds }));
    const slices = first.filter(({ groupId }) => groupId === tenant.groupId);
    assert.ok(slices.length > 1, 'spread over pages');
    const direct = slices.flatMap(({ members }) => members.filter(({ kind }) => kind === 'user'));
    const { id: newcomer } = control().createUser(tenant.tenantId, { inGroup: true });
    const leaver = direct[0]!.id;
    control().dropMember(tenant.tenantId, tenant.groupId, leaver);
    const { rows } = await readRound(graph.groupDeltaPages({ groupIds, from: deltaLink }));
    assert.deepEqual(
      rows.flatMap(({ groupId, members }) => members.map(({ id, removed }) => [groupId, id, removed])).sort(),
      [
        [tenant.groupId, leaver, true],
        [tenant.groupId, newcomer, false],
      ].sort(),
    );
  });

  for (const form of ['gone', 'unsupported', 'resync', 'resyncRequired'] as const)
    it(`tells a token that Graph refuses as "${form}" as gone`, async () => {
      const { deltaLink } = await readRound(graph.userDeltaPages({ latest: true }));
      control().setFaults({ rules: [{ type: 'deltaReset', form, count: 1 }] });
      const { code } = await failureOf(collectPages(graph.userDeltaPages({ from: deltaLink })));
      assert.equal(code, 'graph.gone');
    });

  it('leaves throttling and missing rights what they are', async () => {
    const { deltaLink } = await readRound(graph.userDeltaPages({ latest: true }));
    for (const [status, expected] of [
      [429, 'graph.throttled'],
      [403, 'graph.forbidden'],
    ] as const) {
      control().setFaults({ graphError: { status, share: 1, path: '/users/delta' } });
      assert.equal((await failureOf(collectPages(graph.userDeltaPages({ from: deltaLink })))).code, expected);
    }
  });
});
