import assert from 'node:assert/strict';
import request from 'supertest';
import { START, TENANT_ID, createScene } from '../../test/scene.js';
import { systemClock } from '../clock.js';
import { createSimulator } from '../simulator.js';
import type { Control } from './control.js';
import { createControlRouter } from './router.js';

type Document = {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
};

describe('the OpenAPI document', () => {
  const read = async () => {
    const { simulator } = await createScene();
    const { body } = await request(simulator.app).get('/_simulator/openapi.json').expect(200);
    return { simulator, document: body as Document };
  };

  it('is version 3.1 and holds every route of the control API, and no other', async () => {
    const { simulator, document } = await read();
    const { stack } = createControlRouter(simulator.control);
    const served = stack.flatMap(({ route }) =>
      route === undefined
        ? []
        : route.stack.map(({ method }) => `${method} ${route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`),
    );
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    assert.match(document.openapi, /^3\.1\./);
    assert.ok(served.length > 30, `${served.length}`);
    assert.deepEqual(described.sort(), served.sort());
  });

  it('gives every call a name of its own and says what it answers', async () => {
    const { document } = await read();
    const calls = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    assert.equal(new Set(calls.map(({ operationId }) => operationId)).size, calls.length);
    assert.ok(calls.every(({ responses }) => Object.keys(responses).some((status) => status.startsWith('2'))));
  });
});

describe('control over HTTP', () => {
  it('names the wrong field, the missing tenant and the taken name', async () => {
    const { simulator, truth } = await createScene();
    const call = request(simulator.app);
    const wrong = await call.put('/_simulator/faults').send({ rules: [{ type: 'error', status: 42 }] });
    assert.deepEqual(
      [wrong.status, (wrong.body as { problems: { field: string }[] }).problems[0]!.field],
      [400, 'rules.0.status'],
    );
    assert.equal((await call.get('/_simulator/tenants/nowhere')).status, 404);
    const users = `/_simulator/tenants/${TENANT_ID}/users`;
    assert.equal((await call.post(users).send({ userPrincipalName: truth()[0]!.userPrincipalName })).status, 409);
  });

  it('answers in JSON, without a trace of its own code, what it cannot read and what it does not have', async () => {
    const { simulator } = await createScene();
    const call = request(simulator.app);
    const broken = await call.put('/_simulator/faults').type('json').send('{bad');
    assert.deepEqual([broken.status, (broken.body as { error: string }).error], [400, 'invalid']);
    assert.doesNotMatch(broken.text, /node_modules| at /);
    const large = await call.put('/_simulator/faults').send({ text: 'x'.repeat(1_100_000) });
    assert.deepEqual([large.status, (large.body as { error: string }).error], [413, 'too large']);
    const nowhere = await call.get('/_simulator/nosuch');
    assert.deepEqual([nowhere.status, (nowhere.body as { error: string }).error], [404, 'not found']);
  });

  it('says in its OpenAPI document that a tenant is either made (201) or there already (200)', async () => {
    const { simulator } = await createScene();
    const { body } = await request(simulator.app).get('/_simulator/openapi.json');
    const paths = (body as { paths: Record<string, Record<string, { responses: object }>> }).paths;
    assert.deepEqual(
      ['200', '201'].filter((status) => status in paths['/tenants']!['post']!.responses),
      ['200', '201'],
    );
  });

  it('steps a stepped clock and refuses to step a real one', async () => {
    const { simulator } = await createScene();
    const { body } = await request(simulator.app).put('/_simulator/clock').send({ advanceMs: 5_000 }).expect(200);
    assert.deepEqual(body, { now: new Date(START + 5_000).toISOString(), mode: 'stepped' });
    await request(simulator.app)
      .put('/_simulator/clock')
      .send({ to: new Date(START).toISOString() })
      .expect(409);
    const real = await createSimulator({ clock: systemClock });
    await request(real.app).put('/_simulator/clock').send({ advanceMs: 1 }).expect(409);
    await real.stop();
  });

  it('changes groups and tells their truth', async () => {
    const { simulator, person } = await createScene();
    const groups = `/_simulator/tenants/${TENANT_ID}/groups`;
    const call = request(simulator.app);
    const { id } = (await call.post(groups).send({ displayName: 'Ward 7' }).expect(201)).body as { id: string };
    await call.put(`${groups}/${id}/members/${person().id}`).expect(204);
    await call.patch(`${groups}/${id}`).send({ displayName: 'Ward 8' }).expect(200);
    const { body } = (await call.get(`${groups}/${id}`).expect(200)) as {
      body: { displayName: string; members: unknown[] };
    };
    assert.deepEqual([body.displayName, body.members], ['Ward 8', [{ id: person().id, type: 'user' }]]);
    await call.delete(`${groups}/${id}`).expect(204);
    await call.get(`${groups}/${id}`).expect(404);
  });

  it('tells who was ever deleted or taken out of a group, from when until when', async () => {
    const { simulator, person, pass } = await createScene();
    const { id: who } = person();
    const tenant = `/_simulator/tenants/${TENANT_ID}`;
    const call = request(simulator.app);
    const leavers = async (): Promise<unknown> => (await call.get(`${tenant}/leavers`).expect(200)).body;
    assert.deepEqual(await leavers(), { absences: {}, didGroupsMove: false });
    const { id } = (await call.post(`${tenant}/groups`).send({ displayName: 'Ward 7' }).expect(201)).body as {
      id: string;
    };
    const member = `${tenant}/groups/${id}/members/${who}`;
    await call.put(member).expect(204);
    await call.delete(member).expect(204);
    await pass(1_000);
    await call.put(member).expect(204);
    await call.delete(`${tenant}/users/${who}`).expect(204);
    await pass(1_000);
    await call.post(`${tenant}/users/${who}/restore`).expect(200);
    await call.delete(`${tenant}/users/${who}`).expect(204);
    const absences = {
      [who]: [
        { groupId: id, left: START, back: START + 1_000 },
        { groupId: null, left: START + 1_000, back: START + 2_000 },
        { groupId: null, left: START + 2_000, back: null },
      ],
    };
    assert.deepEqual(await leavers(), { absences, didGroupsMove: false });
    await call.delete(`${tenant}/groups/${id}`).expect(204);
    assert.deepEqual(await leavers(), { absences, didGroupsMove: true });
  });

  it('patches settings and shows them', async () => {
    const { simulator } = await createScene();
    const call = request(simulator.app);
    await call
      .patch('/_simulator/settings')
      .send({ switches: { eventTimes: false }, lifetimes: { deltaToken: 1_000 } });
    const { body } = (await call.get('/_simulator/settings')) as { body: ReturnType<Control['settings']> };
    assert.deepEqual([body.switches.eventTimes, body.lifetimes.deltaToken], [false, 1_000]);
    await call
      .patch('/_simulator/settings')
      .send({ lifetimes: { moonPhase: 1 } })
      .expect(400);
  });
});
