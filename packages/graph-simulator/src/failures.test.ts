import assert from 'node:assert/strict';
import request from 'supertest';
import { codeOf, createScene } from '../test/scene.js';

/** What cannot be read, and what must not happen: never a page of HTML with paths of this machine in it. */
describe('failures', () => {
  it('answer in the form of Graph when a body has an encoding or a charset that nobody knows', async () => {
    const { call } = await createScene();
    const strange = [{ 'content-encoding': 'foo' }, { 'content-type': 'application/json; charset=foo' }];
    for (const headers of strange) {
      const answer = await call('POST', '/subscriptions', { body: {}, headers });
      assert.deepEqual([answer.status, codeOf(answer)], [415, 'UnsupportedMediaType']);
    }
  });

  it('answer in the form of Graph and are logged when the simulator itself is at fault', async () => {
    const logged: object[] = [];
    const post = () => Promise.reject(new Error('the network is on fire'));
    const { subscribe } = await createScene({ post, log: (entry) => logged.push(entry) });
    const answer = await subscribe();
    assert.deepEqual([answer.status, codeOf(answer)], [500, 'generalException']);
    assert.doesNotMatch(JSON.stringify(answer.body), /on fire|at /);
    assert.match(JSON.stringify(logged), /POST \/v1\.0\/subscriptions.*the network is on fire/);
  });

  it('of one part of a batch leave the others alone', async () => {
    const { call } = await createScene();
    const requests = [
      { id: 'bad', method: 'GET', url: '//[' },
      { id: 'good', method: 'GET', url: '/users?$top=1' },
    ];
    const { status, body } = await call('POST', '/$batch', { body: { requests } });
    const parts = body['responses'] as { id: string; status: number; body: { error?: { code: string } } }[];
    const byId = (id: string) => parts.find((part) => part.id === id);
    assert.deepEqual([status, byId('good')?.status, byId('bad')?.status], [200, 200, 400]);
    assert.equal(byId('bad')?.body.error?.code, 'BadRequest');
  });

  it('of the simulator itself in one part of a batch are a 500 of that part', async () => {
    const logged: object[] = [];
    const post = () => Promise.reject(new Error('the network is on fire'));
    const { call } = await createScene({ post, log: (entry) => logged.push(entry) });
    const body = {
      changeType: 'updated',
      notificationUrl: 'https://receiver.example/n',
      resource: 'users',
      expirationDateTime: '2026-11-23T13:00:00Z',
    };
    const requests = [
      { id: 'bad', method: 'POST', url: '/subscriptions', body },
      { id: 'good', method: 'GET', url: '/users?$top=1' },
    ];
    const answer = await call('POST', '/$batch', { body: { requests } });
    const parts = answer.body['responses'] as { id: string; status: number }[];
    assert.deepEqual(Object.fromEntries(parts.map(({ id, status }) => [id, status])), { bad: 500, good: 200 });
    assert.equal(logged.length, 1);
  });

  it('answer in the form of Entra at the token endpoint', async () => {
    const { simulator, tenantId } = await createScene();
    const path = `/${tenantId}/oauth2/v2.0/token`;
    const large = request(simulator.app)
      .post(path)
      .type('form')
      .send(`grant_type=${'x'.repeat(200_000)}`);
    const strange = request(simulator.app).post(path).type('form').set('content-encoding', 'foo').send('a=b');
    for (const { status, body } of [await large, await strange])
      assert.deepEqual([status, (body as { error_codes: number[] }).error_codes], [400, [9002313]]);
    const got = await request(simulator.app).get(path);
    assert.deepEqual([got.status, (got.body as { error_codes: number[] }).error_codes], [400, [900561]]);
  });
});
