import assert from 'node:assert/strict';
import { deadLetter } from '@muster/contracts';
import { createResources, eventually, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, startAdmin, type AdminHarness } from './admin-harness.js';

const testRun = (label: string) => ({
  resources: createResources(label, testServers().mongodbUri),
  brokers: testServers().kafkaBrokers,
});

const operator = bearer(OPERATOR_KEY);

describe('status, dead letters and the document', () => {
  let admin: AdminHarness;
  before(async () => {
    admin = await startAdmin({ ...testRun('admin about') });
  });
  after(() => admin.stop());

  it('OpenAPI 3.1 is served, and every operation in it is one that answers', async () => {
    const { body } = await admin.agent.get('/api/v1/openapi.json').set(operator).expect(200);
    assert.equal(body.openapi, '3.1.0');
    for (const [path, operations] of Object.entries<Record<string, unknown>>(body.paths))
      for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
        // It answers, and then never ends.
        if (path === '/stream' && method === 'get') continue;
        const url = `/api/v1${path.replaceAll(/\{\w+\}/g, '99999999-9999-4999-8999-999999999999')}`;
        const { status } = await admin.agent[method](url).set(operator).send({}).set('If-Match', '"1"');
        assert.equal(status === 405, !(method in operations), `${method} ${path}: ${status}`);
        assert.ok(status < 500, `${method} ${path}: ${status}`);
      }
  });

  it('a wrong method says which are right; a body must be JSON and small', async () => {
    const { headers } = await admin.agent.delete('/api/v1/status').set(operator).expect(405);
    assert.equal(headers.allow, 'GET');
    const post = () => admin.agent.post('/api/v1/keys').set(operator);
    await post().type('text/plain').send('x').expect(415);
    await post().type('application/json').send('{').expect(400);
    const { body } = await post()
      .send({ name: 'x'.repeat(70_000), role: 'operator' })
      .expect(413);
    assert.match(body.detail, /64 KiB/);
  });

  it('dead letters show origin and reason, and no secret of the payload', async () => {
    const publisher = admin.eventLog.publisher();
    await publisher.start();
    const payload = { clientState: 'hush-1', resourceData: { id: 'u1', note: 'Bearer hush-2' } };
    const value = deadLetter.parse({
      version: 1,
      origin: { topic: 'graph.notifications', partition: 3, offset: '17', key: 't/u' },
      reason: { code: 'event.malformed', message: 'is no event' },
      value: Buffer.from(JSON.stringify(payload)).toString('base64'),
      at: '2026-01-01T00:00:00.000Z',
    });
    await publisher.publish([{ topic: 'deadLetters', key: 't/u', value }]);
    await publisher.stop();
    const { body, text } = await admin.agent.get('/api/v1/dead-letters?limit=5').set(operator).expect(200);
    assert.equal(body.items[0].origin.offset, '17');
    assert.equal(body.items[0].payload.resourceData.id, 'u1');
    assert.ok(!text.includes('hush'), text);
    // The status is shared for a second by all who ask.
    const { pipeline } = await eventually(async () => {
      const { body: status } = await admin.agent.get('/api/v1/status').set(operator).expect(200);
      return status.pipeline.deadLetters === 1 && status;
    });
    assert.equal(pipeline.projector.waiting, 0);
  });

  it('wrong keys from one address are slowed down, a good one still passes', async () => {
    const statuses = new Set<number>();
    for (let tries = 0; tries < 40; tries += 1)
      statuses.add((await admin.agent.get('/api/v1/status').set(bearer(`wrong-${tries}`))).status);
    assert.deepEqual([...statuses], [401, 429]);
    await admin.agent.get('/api/v1/status').set(operator).expect(200);
  });
});
