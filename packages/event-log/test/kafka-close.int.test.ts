import assert from 'node:assert/strict';
import { createResources, eventually, testServers } from '@muster/test-support';
import { openEventLog } from './open-event-log.js';

const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

describe('an event log that is closed', () => {
  const { kafkaBrokers, mongodbUri } = testServers();
  const resources = createResources('close', mongodbUri);
  const { log, start } = openEventLog(resources, kafkaBrokers);
  before(start);
  after(() => resources.remove());

  it('answers what is under way, and connects for nothing that is asked behind it', async () => {
    await log.lag('the-group', ['notifications']);
    const before = sockets();
    const asked = Array.from({ length: 5 }, () => log.lag('the-group', ['notifications', 'observations']));
    await log.close();
    for (const rows of await Promise.all(asked)) assert.equal(rows.length, 24);
    await assert.rejects(log.lag('the-group', ['notifications']), { code: 'log.unavailable' });
    await eventually(() => sockets() < before, { within: 10_000, what: 'its connections are gone' });
  });
});
