import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { createLogger } from '@muster/telemetry';
import { testServers } from '@muster/test-support';
import {
  createGraphFactory,
  probeMembers,
  probeReport,
  probeSubscription,
  probeUsers,
  type Graph,
  type ProbeOutcome,
  type WantedSubscription,
} from '../src/index.js';
import { answerHandshake, startServer } from './start-server.js';

const quick = { wait: () => Promise.resolve() };
const SEED = ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All'];
const toText = (outcome: ProbeOutcome): string => ('why' in outcome ? outcome.why : outcome.outcome);

describe('probes of rights against the simulator', () => {
  let simulator: Simulator;
  let origin: string;
  let receiver: Awaited<ReturnType<typeof startServer>>;
  const connect = createGraphFactory({ logger: createLogger({ service: 'graph-client', level: 'silent' }) });

  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    receiver = await startServer(tls, answerHandshake);
    simulator = await createSimulator({ tls });
    origin = await simulator.start();
  });
  after(async () => {
    await simulator.stop();
    await receiver.stop();
  });

  const tenantWith = (plan: Parameters<Simulator['control']['createTenant']>[0]) => {
    const { tenant } = simulator.control.createTenant({ people: 8, groupMembers: 4, ...plan });
    const { tenantId, clientId, clientSecret, groupId } = tenant;
    const credentials = { tenantId, clientId, clientSecret: clientSecret ?? '', graphUrl: origin, loginUrl: origin };
    return { graph: connect(credentials), groupId };
  };
  const wanted = (entity: 'user' | 'group', resource: string): WantedSubscription => ({
    ...{ entity, resource, clientState: 'a-secret' },
    notificationUrl: `${receiver.origin}/notifications`,
    lifecycleNotificationUrl: `${receiver.origin}/lifecycle`,
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const table = async ({ graph, groupId }: { graph: Graph; groupId: string }) => {
    const { permissions } = await graph.signIn();
    return {
      users: toText(await probeUsers(graph)),
      members: toText(await probeMembers(graph, groupId)),
      report: toText(await probeReport(graph, permissions, quick)),
      hearUsers: toText(await probeSubscription(graph, wanted('user', '/users'))),
      hearGroup: toText(await probeSubscription(graph, wanted('group', `/groups/${groupId}`))),
    };
  };

  it('prove what the seed asks for, and name the right that group notifications lack', async () => {
    const tenant = tenantWith({ permissions: SEED });
    const proved = { users: 'proved', members: 'proved', report: 'proved', hearUsers: 'proved' };
    assert.deepEqual(await table(tenant), { ...proved, hearGroup: 'consent' });
    assert.deepEqual(await tenant.graph.listSubscriptions(), [], 'nothing is left behind');
  });

  it('name the consent where it was never given', async () => {
    const missing = ['users', 'members', 'report', 'hearUsers', 'hearGroup'].map((name) => [name, 'consent']);
    assert.deepEqual(await table(tenantWith({ permissions: [] })), Object.fromEntries(missing));
  });

  it('name the licence where the tenant has none', async () => {
    assert.equal((await table(tenantWith({ permissions: SEED, licence: 'none' }))).report, 'licence');
  });

  it('leave a subscription that holds the slot where it is', async () => {
    const { graph } = tenantWith({ permissions: SEED });
    const { subscriptionId } = await graph.createSubscription(wanted('user', '/users'));
    assert.equal(toText(await probeSubscription(graph, wanted('user', '/users'))), 'proved');
    assert.deepEqual(
      (await graph.listSubscriptions()).map((one) => one.subscriptionId),
      [subscriptionId],
    );
  });
});
