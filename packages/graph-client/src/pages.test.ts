import assert from 'node:assert/strict';
import { createClockSkew } from './clock-skew.js';
import { createTransport, type GraphRequest, type Transport } from './microsoft-graph.js';
import { readPages, type PagesOptions } from './pages.js';
import type { GraphPage } from './graph.js';

const GRAPH = 'https://graph.example';
const link = (name: string): string => `${GRAPH}/v1.0/users?$skiptoken=${name}`;
const observedAt = '2026-01-01T00:00:00.000Z';

/** Text rows are read, numbers are none of our business, all else is malformed. */
const toRow = (row: unknown): ReturnType<PagesOptions<string>['toRow']> => {
  if (typeof row === 'number') return 'skip';
  return typeof row === 'string' ? row : null;
};

/** Answers by path; what is not named answers nothing. */
function bench(answers: Record<string, unknown>, more: Partial<PagesOptions<string>> = {}) {
  const asked: GraphRequest[] = [];
  const transport: Transport = (request) => {
    asked.push(request);
    return Promise.resolve({ status: 200, body: answers[request.path], observedAt });
  };
  const read = async (from = '/users'): Promise<GraphPage<string>[]> => {
    const pages: GraphPage<string>[] = [];
    for await (const page of readPages({ transport, from, what: 'list people', toRow, ...more })) pages.push(page);
    return pages;
  };
  return { asked, read };
}

describe('readPages', () => {
  it('follows the links as they stand to the end, also through an empty page', async () => {
    const { asked, read } = bench({
      '/users': { value: ['a', 'b'], '@odata.nextLink': link('1%2B=') },
      [link('1%2B=')]: { value: [], '@odata.nextLink': link('2') },
      [link('2')]: { value: ['c'] },
    });
    const pages = await read();
    assert.deepEqual(pages, [
      { rows: ['a', 'b'], malformed: 0, nextLink: link('1%2B='), observedAt },
      { rows: [], malformed: 0, nextLink: link('2'), observedAt },
      { rows: ['c'], malformed: 0, nextLink: null, observedAt },
    ]);
    assert.deepEqual(
      asked.map(({ path }) => path),
      ['/users', link('1%2B='), link('2')],
    );
  });

  it('begins at the link where an earlier read stopped', async () => {
    const { asked, read } = bench({ [link('2')]: { value: ['c'] } });
    assert.deepEqual((await read(link('2')))[0]?.rows, ['c']);
    assert.equal(asked.length, 1);
  });

  it('counts the rows that it cannot read, and leaves out on purpose without counting', async () => {
    const { read } = bench({ '/users': { value: ['a', {}, 7, null, 'b'] } });
    assert.deepEqual(await read(), [{ rows: ['a', 'b'], malformed: 2, nextLink: null, observedAt }]);
  });

  it('sends the headers with every page', async () => {
    const headers = { ConsistencyLevel: 'eventual' };
    const { asked, read } = bench(
      { '/users': { value: [], '@odata.nextLink': link('1') }, [link('1')]: { value: [] } },
      { headers },
    );
    await read();
    assert.deepEqual(
      asked.map((request) => request.headers),
      [headers, headers],
    );
  });

  it('rejects what is no page: a broken answer is never an empty list', async () => {
    for (const body of [null, undefined, 3, {}, { value: {} }, { value: ['a'], '@odata.nextLink': 7 }])
      await assert.rejects(bench({ '/users': body }).read(), { code: 'graph.malformed', retryable: true });
  });

  it('rejects a page that names itself as the next', async () => {
    const { asked, read } = bench({ [link('1')]: { value: ['a'], '@odata.nextLink': link('1') } });
    await assert.rejects(read(link('1')), { code: 'graph.malformed' });
    assert.equal(asked.length, 1);
  });

  it('rejects pages that lead in a circle', async () => {
    const lead = (to: string) => ({ value: ['a'], '@odata.nextLink': link(to) });
    const { asked, read } = bench({ [link('1')]: lead('2'), [link('2')]: lead('1') });
    await assert.rejects(read(link('1')), { code: 'graph.malformed' });
    assert.equal(asked.length, 2);
  });
});

describe('the transport', () => {
  const elsewhere = [
    'https://evil.example/v1.0/users',
    'http://graph.example/v1.0/users',
    'https://graph.example.evil.example/v1.0/users',
    'https://graph.example:444/v1.0/users',
    'https://graph.example/beta/users',
    'HTTPS://evil.example/v1.0/users',
    '\thttps://evil.example/v1.0/users',
    'graph.example:x@evil.example/https://v1.0/users',
    '/users?next=https://evil.example/v1.0/users',
    '/users?next=http://evil.example/v1.0/users',
    '//evil.example/v1.0/users',
    'users',
    '',
  ];
  for (const path of elsewhere)
    it(`refuses a link to ${JSON.stringify(path)} before there is a token to send along`, async () => {
      let tokens = 0;
      const acquireToken = () => Promise.resolve(`token ${(tokens += 1)}`);
      const transport = createTransport({ graphUrl: GRAPH, acquireToken, skew: createClockSkew() });
      await assert.rejects(transport({ method: 'GET', path, what: 'list people' }), {
        code: 'graph.malformed',
        retryable: false,
      });
      assert.equal(tokens, 0);
    });
});
