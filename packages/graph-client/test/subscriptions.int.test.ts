import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { createLogger } from '@muster/telemetry';
import { testServers } from '@muster/test-support';
import { createGraphFactory, type Graph, type WantedSubscription } from '../src/index.js';
import { failureOf } from './collect.js';
import { answerHandshake, startServer } from './start-server.js';

const HOUR = 3_600_000;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

describe('subscriptions against the simulator', () => {
  let simulator: Simulator;
  let receiver: Awaited<ReturnType<typeof startServer>>;
  let graph: Graph;
  const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString();

  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    receiver = await startServer(tls, answerHandshake);
    simulator = await createSimulator({ tls });
    const origin = await simulator.start();
    const { tenantId, clientId, clientSecret } = simulator.control.createTenant({ people: 5 }).tenant;
    const connect = createGraphFactory({ logger: createLogger({ service: 'graph-client', level: 'silent' }) });
    graph = connect({ tenantId, clientId, clientSecret: clientSecret ?? '', graphUrl: origin, loginUrl: origin });
  });
  afterEach(async () => {
    for (const { subscriptionId } of await graph.listSubscriptions()) await graph.deleteSubscription(subscriptionId);
  });
  after(async () => {
    await simulator.stop();
    await receiver.stop();
  });

  const wanted = (more: Partial<WantedSubscription> = {}): WantedSubscription => ({
    entity: 'user',
    resource: '/users',
    notificationUrl: `${receiver.origin}/notifications`,
    lifecycleNotificationUrl: `${receiver.origin}/lifecycle`,
    clientState: 'a-secret',
    expiresAt: inHours(24),
    ...more,
  });

  it('subscribes as asked and says what Graph made of it', async () => {
    const made = await graph.createSubscription(wanted());
    const [kept] = simulator.control.subscriptions();
    assert.ok(kept);
    assert.equal(made.subscriptionId, kept.id);
    assert.equal(made.resource.replace(/^\//, ''), 'users');
    assert.deepEqual(made.changeType.split(',').sort(), ['deleted', 'updated']);
    assert.equal(made.notificationUrl, `${receiver.origin}/notifications`);
    assert.equal(Date.parse(made.expiresAt), kept.expiresAt);
    assert.deepEqual([kept.clientState, kept.lifecycleNotificationUrl], ['a-secret', `${receiver.origin}/lifecycle`]);
  });

  it('lists what it made, the same as when it was made', async () => {
    const made = [await graph.createSubscription(wanted())];
    made.push(await graph.createSubscription(wanted({ entity: 'group', resource: '/groups' })));
    const listed = await graph.listSubscriptions();
    const sorted = (list: typeof made): typeof made =>
      [...list].sort((one, other) => one.subscriptionId.localeCompare(other.subscriptionId));
    assert.deepEqual(sorted(listed), sorted(made));
  });

  it('takes the end that Graph gives, not the one asked for', async () => {
    const { expiresAt } = await graph.createSubscription(wanted({ expiresAt: inHours(0.1) }));
    assert.ok(Date.parse(expiresAt) > Date.now() + 0.7 * HOUR, expiresAt);
  });

  it('says of one by its id whether it is there', async () => {
    const { subscriptionId } = await graph.createSubscription(wanted());
    assert.equal((await graph.readSubscription(subscriptionId))?.subscriptionId, subscriptionId);
    await graph.deleteSubscription(subscriptionId);
    assert.equal(await graph.readSubscription(subscriptionId), null);
  });

  it('renews', async () => {
    const { subscriptionId } = await graph.createSubscription(wanted());
    const expiresAt = inHours(48);
    const renewed = await graph.renewSubscription(subscriptionId, expiresAt);
    assert.equal(renewed.subscriptionId, subscriptionId);
    assert.ok(Math.abs(Date.parse(renewed.expiresAt) - Date.parse(expiresAt)) < 1_000, renewed.expiresAt);
  });

  it('rejects the renewal of a deleted one with graph.not-found', async () => {
    const { subscriptionId } = await graph.createSubscription(wanted());
    await graph.deleteSubscription(subscriptionId);
    const { code, retryable } = await failureOf(graph.renewSubscription(subscriptionId, inHours(48)));
    assert.deepEqual([code, retryable], ['graph.not-found', false]);
    assert.deepEqual(await graph.listSubscriptions(), []);
  });

  it('takes deleting what is gone already as done', async () => {
    await graph.deleteSubscription(UNKNOWN_ID);
  });

  it('rejects a second one for the same with graph.conflict, and names the first', async () => {
    const { subscriptionId } = await graph.createSubscription(wanted());
    const { code, retryable, details } = await failureOf(graph.createSubscription(wanted()));
    assert.deepEqual([code, retryable, details.subscriptionId], ['graph.conflict', false, subscriptionId]);
  });

  it('rejects in our words where nobody answers at the address; those of Graph are the cause', async () => {
    const notificationUrl = 'https://localhost:1/notifications';
    const { code, message, cause } = await failureOf(graph.createSubscription(wanted({ notificationUrl })));
    assert.equal(code, 'graph.refused');
    assert.match(message, /400 InvalidRequest/);
    assert.match((cause as Error).message, /[Vv]alidation/);
    assert.doesNotMatch(message, /a-secret/);
  });
});
