import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createResources, testServers } from '@muster/test-support';
import { connect, operator, startWorld, type TenantPlan, type World } from './simulated-tenant.js';

type Row = { permission: string; state: string; why: string | null; costs: string; cure: string | null };
const ALL = ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All', 'Group.Read.All'];

describe('permission truth table by live probes', () => {
  let world: World;
  let receiver: Server;
  before(async () => {
    const servers = testServers();
    const [cert, key] = await Promise.all([readFile(servers.tlsCertFile), readFile(servers.tlsKeyFile)]);
    receiver = createServer({ cert, key }, (request, response) => {
      request.resume();
      const token = new URL(request.url ?? '/', 'https://localhost').searchParams.get('validationToken');
      response.writeHead(token === null ? 202 : 200, { 'Content-Type': 'text/plain' }).end(token ?? '');
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const receiverUrl = `https://localhost:${(receiver.address() as AddressInfo).port}`;
    world = await startWorld(createResources('admin permissions', servers.mongodbUri), servers, { receiverUrl });
  });
  after(async () => {
    receiver.close();
    receiver.closeAllConnections();
    await world.admin.stop();
  });

  async function probe(plan: TenantPlan) {
    const { url, tenant } = await connect(world, { plan });
    const { body: never } = await world.admin.agent.get(`${url}/permissions`).set(operator).expect(200);
    assert.deepEqual([never.probedAt, never.items], [null, []]);
    const { body } = await world.admin.agent.post(`${url}/permissions/probe`).set(operator).expect(200);
    const { body: kept } = await world.admin.agent.get(`${url}/permissions`).set(operator).expect(200);
    assert.deepEqual([kept.probedAt, kept.items], [body.probedAt, body.items]);
    return { tenant, rows: new Map<string, Row>(body.items.map((row: Row) => [row.permission, row])), body };
  }

  it('every right that is granted is proved; the subscription that proved it is gone', async () => {
    const { rows, body } = await probe({ permissions: ALL });
    assert.deepEqual(
      ALL.map((name) => rows.get(name)?.state),
      ALL.map(() => 'proved'),
      JSON.stringify(body),
    );
    assert.deepEqual(body.leastPrivilege, ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All']);
    assert.equal(world.simulator.control.subscriptions().length, 0);
  });

  it('each right that is left out is missing for want of consent, the others stay proved', async () => {
    for (const missing of ['User.Read.All', 'AuditLog.Read.All', 'Group.Read.All']) {
      const { rows } = await probe({ permissions: ALL.filter((name) => name !== missing) });
      const row = rows.get(missing)!;
      assert.deepEqual([row.state, row.why], ['missing', 'consent'], missing);
      assert.match(row.cure ?? '', new RegExp(missing));
      for (const other of ALL.filter((name) => name !== missing)) assert.equal(rows.get(other)?.state, 'proved', other);
    }
  });

  it('a tenant without the licence is told apart from a missing consent', async function () {
    this.timeout(20_000);
    const { rows } = await probe({ permissions: ALL, licence: 'none' });
    assert.equal(rows.get('AuditLog.Read.All')?.why, 'licence');
    assert.match(rows.get('AuditLog.Read.All')?.cure ?? '', /P1 or P2/);
  });
});
