import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from '@microsoft/microsoft-graph-client';
import type { BatchResponseBody, GraphError, PageCollection } from '@microsoft/microsoft-graph-client';
import type { Group, Subscription, User, UserRegistrationDetails } from '@microsoft/microsoft-graph-types';
import { testServers } from '@muster/test-support';
import { createSimulator } from '../src/index.js';
import type { Simulator } from '../src/index.js';
import { startReceiver } from './receiver.js';

const MINUTE = 60_000;
const NOBODY = '00000000-0000-4000-8000-000000000000';
type Removable = { readonly id?: string; readonly '@removed'?: { readonly reason: string } };
type ChangedUser = User & Removable;
type ChangedGroup = Group & Removable & { readonly 'members@delta'?: readonly Removable[] };

type Iterated<Row> = {
  readonly rows: readonly Row[];
  readonly pageCount: 'one' | 'many';
  readonly deltaLink: string | undefined;
};

const fromNow = (minutes: number) => new Date(Date.now() + minutes * MINUTE).toISOString();

describe('the helpers of the JavaScript SDK against the simulator', () => {
  let simulator: Simulator;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let tenant: ReturnType<Simulator['control']['createTenant']>['tenant'];
  let graph: Client;

  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    simulator = await createSimulator({ tls });
    const origin = await simulator.start();
    receiver = await startReceiver(tls);
    simulator.control.setSettings({ pageSizes: { delta: 40 } });
    ({ tenant } = simulator.control.createTenant({ people: 300, groupMembers: 120, nestedGroups: 3 }));
    const { clientId, clientSecret, tenantId } = tenant;
    const app = new ConfidentialClientApplication({
      auth: {
        clientId,
        clientSecret: clientSecret ?? '',
        authority: `${origin}/${tenantId}`,
        knownAuthorities: [new URL(origin).host],
      },
    });
    graph = Client.initWithMiddleware({
      baseUrl: origin,
      customHosts: new Set(['localhost']),
      authProvider: {
        getAccessToken: async () => {
          const result = await app.acquireTokenByClientCredential({
            scopes: ['https://graph.microsoft.com/.default'],
          });
          return result?.accessToken ?? '';
        },
      },
    });
  });

  after(async () => {
    await receiver.stop();
    await simulator.stop();
  });

  const truth = () => simulator.control.truth(tenant.tenantId).users;
  const living = () => truth().filter(({ deletedDateTime }) => deletedDateTime === null);
  const idsOf = (rows: readonly { readonly id?: string }[]) => rows.map(({ id }) => id ?? '').sort();

  /** Every row, and the deltaLink where there is one. */
  const iterate = async <Row>(address: string): Promise<Iterated<Row>> => {
    const rows: Row[] = [];
    const first = (await graph.api(address).get()) as PageCollection;
    const pages = new PageIterator(graph, first, (row: Row) => {
      rows.push(row);
      return true;
    });
    await pages.iterate();
    assert.ok(pages.isComplete());
    return {
      rows,
      pageCount: first['@odata.nextLink'] === undefined ? 'one' : 'many',
      deltaLink: pages.getDeltaLink(),
    };
  };

  it('brings a delta query of users to its end by the page iterator, and afterwards only what changed', async () => {
    const first = await iterate<ChangedUser>('/users/delta?$select=displayName,accountEnabled');
    assert.equal(first.pageCount, 'many');
    const present = first.rows.filter((row) => row['@removed'] === undefined);
    assert.deepEqual([...new Set(idsOf(present))], idsOf(living()));

    const [renamed] = living();
    simulator.control.updateUser(tenant.tenantId, renamed!.id, { displayName: 'Renamed' });
    const deleted = simulator.control.createUser(tenant.tenantId, {});
    simulator.control.deleteUser(tenant.tenantId, deleted.id);
    const next = await iterate<ChangedUser>(first.deltaLink ?? '');
    assert.deepEqual(idsOf(next.rows), [renamed!.id, deleted.id].sort());
    assert.equal(next.rows.find(({ id }) => id === renamed!.id)?.displayName, 'Renamed');
    assert.deepEqual(next.rows.find(({ id }) => id === deleted.id)?.['@removed'], { reason: 'changed' });
    assert.deepEqual((await iterate(next.deltaLink ?? '')).rows, []);
  });

  it('brings a delta query of groups to its end, and afterwards who entered and left', async () => {
    const first = await iterate<ChangedGroup>('/groups/delta?$select=displayName,members');
    const leaving = truth().find(({ groupPath }) => groupPath.length === 1)!;
    const told = first.rows.filter(({ id }) => id === tenant.groupId).flatMap((row) => row['members@delta'] ?? []);
    assert.ok(told.some(({ id }) => id === leaving.id));

    simulator.control.dropMember(tenant.tenantId, tenant.groupId, leaving.id);
    const entering = simulator.control.createUser(tenant.tenantId, { inGroup: true });
    const { rows } = await iterate<ChangedGroup>(first.deltaLink ?? '');
    const moved = rows.flatMap((row) => row['members@delta'] ?? []);
    assert.deepEqual(
      new Map(moved.map((member) => [member.id, member['@removed']?.reason])),
      new Map([
        [leaving.id, 'deleted'],
        [entering.id, undefined],
      ]),
    );
  });

  it('answers the requests of the batch helper, each with its status, and not what depends on a failed one', async () => {
    const [person] = living();
    const request = (path: string) => new Request(`https://graph.microsoft.com/v1.0${path}`);
    const batch = new BatchRequestContent([
      { id: 'known', request: request(`/users/${person!.id}?$select=id,displayName`) },
      { id: 'missing', request: request(`/users/${NOBODY}`), dependsOn: ['known'] },
    ]);
    batch.addRequest({ id: 'after', request: request(`/groups/${tenant.groupId}`), dependsOn: ['missing'] });
    const body = (await graph.api('/$batch').post(await batch.getContent())) as BatchResponseBody;
    const answers = new BatchResponseContent(body);
    const statusOf = (id: string) => answers.getResponseById(id).status;
    assert.deepEqual(['known', 'missing', 'after'].map(statusOf), [200, 404, 424]);
    const found = (await answers.getResponseById('known').json()) as User;
    assert.deepEqual([found.id, found.displayName], [person!.id, person!.displayName]);
  });

  it('posts inside a batch', async () => {
    const member = truth().find(({ inGroup }) => inGroup)!;
    const check = new Request(`https://graph.microsoft.com/v1.0/users/${member.id}/checkMemberGroups`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ groupIds: [tenant.groupId] }),
    });
    const batch = new BatchRequestContent([{ id: '1', request: check }]);
    const body = (await graph.api('/$batch').post(await batch.getContent())) as BatchResponseBody;
    const answer = new BatchResponseContent(body).getResponseById('1');
    assert.deepEqual(((await answer.json()) as { value: string[] }).value, [tenant.groupId]);
  });

  it('renews and reauthorizes a subscription, lists it, and has forgotten it once it is deleted', async () => {
    const created = (await graph.api('/subscriptions').post({
      changeType: 'updated,deleted',
      notificationUrl: `${receiver.origin}/notifications`,
      resource: 'groups',
      expirationDateTime: fromNow(60),
    })) as Subscription;
    const own = graph.api(`/subscriptions/${created.id ?? ''}`);
    const later = fromNow(24 * 60);
    const renewed = (await own.patch({ expirationDateTime: later })) as Subscription;
    assert.equal(Date.parse(renewed.expirationDateTime ?? ''), Date.parse(later));
    await graph.api(`/subscriptions/${created.id ?? ''}/reauthorize`).post({});
    assert.deepEqual(idsOf((await iterate<Subscription>('/subscriptions')).rows), [created.id]);
    await own.delete();
    await assert.rejects(own.get() as Promise<unknown>, (error: GraphError) => error.statusCode === 404);
  });

  it('reads the MFA report over its pages, a row for everyone enabled', async () => {
    const { rows, pageCount } = await iterate<UserRegistrationDetails>(
      '/reports/authenticationMethods/userRegistrationDetails?$top=100',
    );
    assert.equal(pageCount, 'many');
    const expected = living().filter(({ mfa }) => mfa !== null);
    const told = new Map(rows.map((row) => [row.id, row.isMfaRegistered]));
    assert.deepEqual(told, new Map(expected.map(({ id, mfa }) => [id, mfa?.isMfaRegistered])));
    assert.equal(rows.length, expected.length);
  });
});
