import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { testServers } from '@muster/test-support';
import type { AppCredentials } from '../src/graph.js';
import { createAppToken } from '../src/msal-app-token.js';
import { failureOf } from './collect.js';
import { startServer, type Answer } from './start-server.js';

const HOUR = 3_600_000;

describe("an app's token when the clock is set back", () => {
  let entra: Awaited<ReturnType<typeof startServer>>;
  let answer: Answer;
  let asked = 0;
  let ahead = 0;
  const good: Answer = (_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(`{"token_type":"Bearer","expires_in":3599,"access_token":"token-${asked}"}`);
  };
  const connect = () => {
    const { origin } = entra;
    const tenantId = '11111111-1111-4111-8111-111111111111';
    const credentials: AppCredentials = {
      ...{ tenantId, clientId: tenantId, clientSecret: 'secret', graphUrl: origin, loginUrl: origin },
    };
    return createAppToken(credentials, 5_000, { wall: () => Date.now() + ahead });
  };

  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    entra = await startServer(tls, (request, response) => {
      asked += 1;
      answer(request, response);
    });
  });
  beforeEach(() => {
    asked = 0;
    ahead = HOUR;
  });
  after(() => entra.stop());

  it('is asked for anew, whatever Retry-After said by the other clock', async () => {
    answer = (_, response) => response.writeHead(503, { 'Retry-After': '3600' }).end('{"error":"unavailable"}');
    const { acquire } = connect();
    assert.equal((await failureOf(acquire())).code, 'graph.unavailable');
    answer = good;
    await failureOf(acquire());
    assert.equal(asked, 1, 'Entra said when to come again');
    ahead = 0;
    assert.equal(await acquire(), 'token-2');
  });

  it('is another one: the kept one would be taken for good for an hour too long', async () => {
    answer = good;
    const { acquire } = connect();
    assert.deepEqual([await acquire(), await acquire()], ['token-1', 'token-1']);
    ahead = 2 * HOUR;
    assert.equal(await acquire(), 'token-1', 'MSAL itself knows what a clock ahead means');
    ahead = 0;
    assert.deepEqual([await acquire(), await acquire()], ['token-2', 'token-2']);
  });
});
