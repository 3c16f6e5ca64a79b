import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createSimulator, createSteppedClock, type Simulator, type SteppedClock } from '@muster/graph-simulator';
import { createLogger } from '@muster/telemetry';
import { testServers } from '@muster/test-support';
import { createGraphFactory, type Graph, type GraphCredentials } from '../src/index.js';
import { collectPages, failureOf } from './collect.js';
import { startServer, type Answer } from './start-server.js';

const HOUR = 3_600_000;
const TIMEOUT_MS = 5_000;
/** Where Graph is silent. */
const SHORT_MS = 500;

describe('the Graph client when Graph fails', () => {
  let simulator: Simulator;
  let credentials: GraphCredentials & { clientSecret: string };
  let clock: SteppedClock;
  /** Signs in whoever asks, and then fails where Graph should answer. */
  let broken: Awaited<ReturnType<typeof startServer>>;
  let signIn: Answer;
  /** Nobody listens here. */
  let deserted: string;
  let answer: Answer;
  const asked: { url: string; authorization: string }[] = [];
  const connect = (more: Partial<GraphCredentials> = {}, timeoutMs = TIMEOUT_MS) =>
    createGraphFactory({
      logger: createLogger({ service: 'graph-client', level: 'silent' }),
      timeoutMs,
    })({ ...credentials, ...more });

  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    clock = createSteppedClock(Date.now());
    simulator = await createSimulator({ tls, clock });
    broken = await startServer(tls, (request, response) => {
      const url = request.url ?? '';
      if (url.includes('/oauth2/v2.0/token')) {
        signIn(request, response);
        return;
      }
      asked.push({ url, authorization: request.headers.authorization ?? '' });
      answer(request, response);
    });
    const origin = await simulator.start();
    const stopped = await startServer(tls, () => undefined);
    await stopped.stop();
    deserted = stopped.origin;
    const { tenantId, clientId, clientSecret } = simulator.control.createTenant({ people: 20 }).tenant;
    credentials = { tenantId, clientId, clientSecret: clientSecret ?? '', graphUrl: origin, loginUrl: origin };
  });
  beforeEach(() => {
    let tokens = 0;
    signIn = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(`{"token_type":"Bearer","expires_in":3599,"access_token":"token-${(tokens += 1)}"}`);
    };
  });
  afterEach(() => {
    simulator.control.setFaults({});
    asked.length = 0;
  });
  after(async () => {
    await simulator.stop();
    await broken.stop();
  });

  it('takes a fresh token once when the one it holds is refused', async () => {
    const graph = connect();
    assert.equal(await graph.countUsers(), 20);
    // Expired for Graph, while the machine's own clock, which the cache goes by, stands where it stood.
    clock.advance(2 * HOUR);
    assert.equal(await graph.countUsers(), 20);
    const skew = graph.clockSkewMs() ?? Number.NaN;
    assert.ok(Math.abs(skew + 2 * HOUR) < 60_000, `behind Graph by ${-skew} ms`);
    const [page] = await collectPages(graph.userPages());
    assert.ok(Math.abs(Date.parse(page!.observedAt) - clock.now()) < 60_000, "dated by Graph's clock");
  });

  it('rejects with graph.unauthorized when the fresh token is refused too, after two calls', async () => {
    answer = (_, response) => response.writeHead(401).end('{"error":{"code":"InvalidAuthenticationToken"}}');
    const { code } = await failureOf(connectToBroken().readGroup('a'));
    assert.equal(code, 'graph.unauthorized');
    assert.deepEqual(
      asked.map(({ authorization }) => authorization),
      ['Bearer token-1', 'Bearer token-2'],
    );
  });

  it('keeps a refused sign-in what it is, whatever was asked for', async () => {
    const graph = connect({ clientSecret: 'wrong' });
    for (const call of [graph.countUsers(), graph.readUsers(['a']), graph.listSubscriptions()]) {
      const { code, details, retryable } = await failureOf(call);
      assert.deepEqual([code, details.aadsts, retryable], ['token.refused', 7_000_215, false]);
    }
  });

  it('rejects with graph.unavailable, to be tried again, on every 5xx', async () => {
    for (const status of [500, 502, 503, 504]) {
      simulator.control.setFaults({ graphError: { status, share: 1, retryAfter: 7 } });
      const { code, retryable, retryAfterMs } = await failureOf(connect().countUsers());
      assert.deepEqual([code, retryable, retryAfterMs], ['graph.unavailable', true, 7_000], String(status));
    }
  });

  it('rejects with graph.throttled, and without a wait where Graph gives none', async () => {
    simulator.control.setFaults({ graphError: { status: 429, share: 1 } });
    const { code, retryable, retryAfterMs } = await failureOf(connect().countUsers());
    assert.deepEqual([code, retryable, retryAfterMs], ['graph.throttled', true, undefined]);
  });

  it('puts a tenant in quarantine whose people are throttled one and all inside of batches that are answered 200', async () => {
    const states: string[] = [];
    const connectTelling = createGraphFactory({
      logger: createLogger({ service: 'graph-client', level: 'silent' }),
      onState: (_, { state }) => states.push(state),
    });
    const graph = connectTelling(credentials);
    const ids = simulator.control.truth(credentials.tenantId).users.map(({ id }) => id);
    simulator.control.setFaults({ graphError: { status: 429, share: 1, retryAfter: 0.01, path: '/users/' } });
    const { code, details } = await failureOf(readUntilRefused(graph, ids));
    assert.deepEqual([code, details.status, details.quarantined], ['graph.throttled', 429, true]);
    assert.deepEqual(states, ['quarantined']);
  });

  /** A batch is sent again within a read, so that five faults are two reads. */
  const readUntilRefused = async (graph: Graph, ids: readonly string[]): Promise<void> => {
    for (let read = 0; read < 3; read += 1)
      assert.ok((await graph.readUsers(ids)).every(({ found }) => found === 'failed'));
  };

  it('rejects in the middle of a listing: what was read is not all', async () => {
    const pages = connect().userPages({ pageSize: 5 })[Symbol.asyncIterator]();
    const first = await pages.next();
    assert.equal(first.done, false);
    simulator.control.setFaults({ graphError: { status: 503, share: 1 } });
    assert.equal((await failureOf(pages.next())).code, 'graph.unavailable');
  });

  const connectToBroken = (timeoutMs?: number) =>
    connect({ graphUrl: broken.origin, loginUrl: broken.origin }, timeoutMs);

  const breaks: [string, Answer, string, number?][] = [
    [
      'an answer that is cut off',
      (_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1_000 });
        response.write('{"value":[', () => response.destroy());
      },
      'graph.unavailable',
    ],
    ['a connection that is closed', (request) => request.socket.destroy(), 'graph.unavailable'],
    ['no answer in time', () => undefined, 'graph.unavailable', SHORT_MS],
    [
      'an answer that stops in the middle and stays open',
      (_, response) => void response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"value":'),
      'graph.unavailable',
      SHORT_MS,
    ],
    ['a gateway that speaks HTML', (_, response) => response.writeHead(502).end('<html>'), 'graph.unavailable'],
    [
      'half of the JSON as the whole',
      (_, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"value":[{"id"'),
      'graph.malformed',
    ],
    ['a page of somebody else', (_, response) => response.writeHead(200).end('<html>'), 'graph.malformed'],
    ['a 200 without a body', (_, response) => response.writeHead(200).end(), 'graph.malformed'],
  ];
  for (const [name, breaking, expected, timeoutMs] of breaks)
    it(`takes ${name} for ${expected}, to be tried again`, async () => {
      answer = breaking;
      const { code, retryable, message } = await failureOf(collectPages(connectToBroken(timeoutMs).userPages()));
      assert.deepEqual([code, retryable], [expected, true], message);
      assert.deepEqual(
        asked.map(({ url }) => url.replace(/\?.*/, '')),
        ['/v1.0/users'],
      );
    });

  it('does not follow a redirect', async () => {
    answer = (_, response) => response.writeHead(307, { Location: `${broken.origin}/elsewhere` }).end();
    const { code, retryable, message } = await failureOf(connectToBroken().countUsers());
    assert.deepEqual([code, retryable], ['graph.refused', false], message);
    assert.equal(asked.length, 1);
  });

  it('does not follow a next link to another place, and says so for good', async () => {
    const elsewhere = `${broken.origin.replace('localhost', '127.0.0.1')}/v1.0/users`;
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ value: [], '@odata.nextLink': elsewhere }));
    };
    const { code, retryable } = await failureOf(collectPages(connectToBroken().userPages()));
    assert.deepEqual([code, retryable], ['graph.malformed', false]);
    assert.equal(asked.length, 1);
  });

  it('names why nobody can be reached, and never the token or the secret', async () => {
    const { code, retryable, message } = await failureOf(
      connect({ graphUrl: deserted, loginUrl: broken.origin }).countUsers(),
    );
    assert.deepEqual([code, retryable], ['graph.unavailable', true]);
    assert.match(message, /ECONNREFUSED/);
    assert.doesNotMatch(message, /Bearer|token-/);
    assert.ok(!message.includes(credentials.clientSecret));
  });

  it('takes a sign-in that is away, silent or out of order for graph.unavailable, not for a wrong secret', async () => {
    const away = await failureOf(connect({ loginUrl: deserted }).signIn());
    assert.deepEqual([away.code, away.retryable], ['graph.unavailable', true]);
    const silent: Answer = () => undefined;
    const troubles: Answer[] = [
      silent,
      (_, response) => response.writeHead(503).end('<html>'),
      (_, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}'),
      (_, response) => response.writeHead(400, { 'Content-Type': 'application/json' }).end('{"error":{"code":"x"}}'),
    ];
    for (const trouble of troubles) {
      signIn = trouble;
      const timeoutMs = trouble === silent ? SHORT_MS : TIMEOUT_MS;
      const { code, retryable, message } = await failureOf(connectToBroken(timeoutMs).signIn());
      assert.deepEqual([code, retryable], ['graph.unavailable', true], message);
      assert.doesNotMatch(message, /object/);
    }
  });
});
