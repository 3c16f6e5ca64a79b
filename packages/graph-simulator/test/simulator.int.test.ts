import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';
import type { GraphError, PageCollection } from '@microsoft/microsoft-graph-client';
import type { Subscription, User } from '@microsoft/microsoft-graph-types';
import { eventually, testServers } from '@muster/test-support';
import { createSimulator } from '../src/index.js';
import type { Simulator } from '../src/index.js';
import { startReceiver } from './receiver.js';

const MINUTE = 60_000;

describe('the simulator, as the official SDKs see it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
  let simulator: Simulator;
  let origin: string;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let tenant: ReturnType<Simulator['control']['createTenant']>['tenant'];
  let graph: Client;

  const signIn = async (clientSecret: string): Promise<string> => {
    const app = new ConfidentialClientApplication({
      auth: {
        clientId: tenant.clientId,
        clientSecret,
        authority: `${origin}/${tenant.tenantId}`,
        knownAuthorities: [new URL(origin).host],
      },
    });
    const result = await app.acquireTokenByClientCredential({ scopes: ['https://graph.microsoft.com/.default'] });
    return result?.accessToken ?? '';
  };

  const subscribeIn = async (at: string, { tenantId, clientId, clientSecret }: typeof tenant) => {
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret ?? '' };
    const body = new URLSearchParams({ ...form, scope: 'https://graph.microsoft.com/.default' });
    const answer = await fetch(`${at}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const created = await fetch(`${at}/v1.0/subscriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        changeType: 'updated',
        notificationUrl: `${receiver.origin}/notifications`,
        resource: 'users',
        expirationDateTime: new Date(Date.now() + 60 * MINUTE).toISOString(),
      }),
    });
    assert.equal(created.status, 201);
  };

  const subscribe = (resource: string, changeType: string): Promise<Subscription> =>
    graph.api('/subscriptions').post({
      changeType,
      notificationUrl: `${receiver.origin}/notifications`,
      lifecycleNotificationUrl: `${receiver.origin}/lifecycle`,
      resource,
      expirationDateTime: new Date(Date.now() + 60 * MINUTE).toISOString(),
      clientState: 'a-secret',
    }) as Promise<Subscription>;

  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    simulator = await createSimulator({ tls });
    origin = await simulator.start();
    receiver = await startReceiver(tls);
    ({ tenant } = simulator.control.createTenant({ people: 500 }));
    const token = await signIn(tenant.clientSecret ?? '');
    graph = Client.init({
      baseUrl: origin,
      customHosts: new Set(['localhost']),
      authProvider: (done) => {
        done(null, token);
      },
    });
  });

  after(async () => {
    await receiver.stop();
    await simulator.stop();
    rmSync(folder, { recursive: true });
  });

  it('refuses a wrong secret with AADSTS7000215, as MSAL reports it', async () => {
    await assert.rejects(signIn('wrong'), (error: Error & { errorCode?: string }) => {
      assert.equal(error.errorCode, 'invalid_client');
      assert.match(error.message, /AADSTS7000215/);
      return true;
    });
  });

  it('gives every living person once to the page iterator', async () => {
    const first = (await graph.api('/users').select('id,accountEnabled').top(99).get()) as PageCollection;
    const ids: string[] = [];
    const iterator = new PageIterator(graph, first, (user: User) => {
      ids.push(user.id ?? '');
      return true;
    });
    await iterator.iterate();
    const living = simulator.control.truth(tenant.tenantId).users.filter((user) => user.deletedDateTime === null);
    assert.deepEqual([...ids].sort(), living.map(({ id }) => id).sort());
  });

  it('answers a missing person with 404 and Request_ResourceNotFound', async () => {
    const call = graph.api('/users/00000000-0000-4000-8000-000000000000').get();
    await assert.rejects(call as Promise<unknown>, (error: GraphError) => {
      assert.deepEqual([error.statusCode, error.code], [404, 'Request_ResourceNotFound']);
      return true;
    });
  });

  it('validates both addresses, then tells of a renamed person in the shape of the contract', async () => {
    const subscription = await subscribe('users', 'updated,deleted');
    assert.deepEqual(receiver.handshakes.splice(0).sort(), ['/lifecycle', '/notifications']);
    const user = simulator.control.createUser(tenant.tenantId, { displayName: 'Before' });
    simulator.control.updateUser(tenant.tenantId, user.id, { displayName: 'After' });
    const text = await eventually(() => receiver.received.find(({ body }) => body.includes(user.id))?.body);
    const { value } = JSON.parse(text) as { value: Record<string, unknown>[] };
    assert.equal(value.length, 2, 'a creation and a change, gathered into one post');
    assert.deepEqual(
      { ...value[0], resourceData: null, subscriptionExpirationDateTime: null },
      {
        changeType: 'updated',
        resource: `Users/${user.id}`,
        clientState: 'a-secret',
        subscriptionId: subscription.id,
        subscriptionExpirationDateTime: null,
        tenantId: tenant.tenantId,
        resourceData: null,
      },
    );
    assert.match(text, /"sequenceNumber":\d{18}[,}]/);
    const read = (await graph.api(`/users/${user.id}`).get()) as User;
    assert.equal(read.displayName, 'After');
  });

  it('refuses a second subscription to the same with 409, in either order of change types', async () => {
    await assert.rejects(subscribe('/users', 'deleted,updated'), (error: GraphError) => error.statusCode === 409);
  });

  it('tells who entered and left a group by members@delta with a plain string', async () => {
    await subscribe(`groups/${tenant.groupId}`, 'updated');
    const user = simulator.control.createUser(tenant.tenantId, { inGroup: true });
    simulator.control.dropMember(tenant.tenantId, tenant.groupId, user.id);
    const text = await eventually(() => receiver.received.find(({ body }) => body.includes('members@delta'))?.body);
    const { value } = JSON.parse(text) as { value: { resource: string; resourceData: Record<string, unknown> }[] };
    const item = value.find(({ resource }) => resource === `Groups/${tenant.groupId}`);
    assert.deepEqual(item?.resourceData['members@delta'], [{ id: user.id }, { id: user.id, '@removed': 'deleted' }]);
  });

  it('delivers within a second once a refusing receiver accepts again', async () => {
    receiver.answer(503);
    const user = simulator.control.createUser(tenant.tenantId, {});
    const failed = () =>
      simulator.control
        .ledger({ limit: 100_000 })
        .find(({ entityId, status }) => entityId === user.id && status === 503);
    await eventually(failed, { what: 'the first refusal' });
    receiver.answer(202);
    const acked = await eventually(() => (failed() === undefined ? ledgerOf(user.id) : undefined), { within: 2_000 });
    assert.ok(acked.attempts >= 2 && acked.ackedAt !== null);
  });

  const ledgerOf = (entityId: string) =>
    simulator.control.ledger({ limit: 100_000 }).find((entry) => entry.entityId === entityId && entry.ackedAt !== null);

  it('follows changes by delta to the end, and says who is gone', async () => {
    const start = (await graph.api('/users/delta').query({ $deltatoken: 'latest' }).get()) as Record<string, string>;
    const user = simulator.control.createUser(tenant.tenantId, { displayName: 'Delta' });
    simulator.control.deleteUser(tenant.tenantId, user.id);
    const next = (await graph.api(start['@odata.deltaLink'] ?? '').get()) as { value: unknown[] };
    assert.deepEqual(next.value, [{ id: user.id, '@removed': { reason: 'changed' } }]);
  });

  it('finds its subscriptions again after it was killed, and goes on delivering', async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    const stateFile = join(folder, 'state');
    const killed = await createSimulator({ tls, stateFile });
    const other = killed.control.createTenant().tenant;
    await subscribeIn(await killed.start(), other);
    const [subscription] = killed.control.subscriptions();
    await eventually(() => existsSync(stateFile) && readFileSync(stateFile, 'utf8').includes(subscription!.id));
    // Nothing is stopped or flushed: the second one has the file only.
    const again = await createSimulator({ tls, stateFile });
    assert.deepEqual(again.control.subscriptions(), killed.control.subscriptions());
    const user = again.control.createUser(other.tenantId);
    await eventually(() => receiver.received.find(({ body }) => body.includes(user.id)));
    await Promise.all([killed.stop(), again.stop()]);
  });

  it('answers each part of a batch with its own status', async () => {
    const [known] = simulator.control.truth(tenant.tenantId).users;
    const answer = (await graph.api('/$batch').post({
      requests: [
        { id: '1', method: 'GET', url: `/users/${known?.id ?? ''}` },
        { id: '2', method: 'GET', url: '/users/nobody' },
      ],
    })) as { responses: { id: string; status: number }[] };
    const statuses = answer.responses.map(({ id, status }) => `${id}:${status}`).sort();
    assert.deepEqual(statuses, ['1:200', '2:404']);
  });
});
