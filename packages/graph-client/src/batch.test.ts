import assert from 'node:assert/strict';
import { Failure } from '@muster/contracts';
import { BATCH_LIMIT, sendBatch, type BatchPart } from './batch.js';
import type { GraphRequest, Transport } from './microsoft-graph.js';

type Reply = { status: number; headers?: Record<string, string>; body?: unknown };
const ok = (body: unknown): Reply => ({ status: 200, body });
const throttled = (retryAfter?: string): Reply => ({
  status: 429,
  headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter },
  body: { error: { code: 'TooManyRequests', message: 'Please retry again later.' } },
});
const get = (id: string): BatchPart => ({ id, method: 'GET', url: `/users/${id}` });

/** Answers part by part as `reply` says; null leaves a part out. */
function bench(reply: (id: string, round: number) => Reply | null) {
  const sent: string[][] = [];
  const waits: number[] = [];
  const transport: Transport = ({ body }: GraphRequest) => {
    const { requests } = body as { requests: { id: string }[] };
    const ids = requests.map(({ id }) => id);
    const round = sent.push(ids);
    const responses = ids.flatMap((id) => {
      const answer = reply(id, round);
      return answer === null ? [] : [{ id, ...answer }];
    });
    return Promise.resolve({
      status: 200,
      body: { responses: responses.reverse() },
      observedAt: `2026-01-01T00:00:0${round}.000Z`,
    });
  };
  const wait = (ms: number) => Promise.resolve(waits.push(ms));
  return { sent, waits, send: (parts: BatchPart[]) => sendBatch(transport, parts, { what: 'read people', wait }) };
}

function failureIn(answer: Awaited<ReturnType<typeof sendBatch>> extends Map<string, infer A> ? A | undefined : never) {
  assert.ok(answer && 'failure' in answer);
  return answer.failure;
}

describe('sendBatch', () => {
  it('sends 20 at a time and gives each part its own answer, whatever the order of the answers', async () => {
    const parts = Array.from({ length: 45 }, (_, index) => get(`p${index}`));
    const { sent, send } = bench((id) => ok({ name: id }));
    const answers = await send(parts);
    assert.deepEqual(
      sent.map(({ length }) => length),
      [BATCH_LIMIT, BATCH_LIMIT, 5],
    );
    for (const { id } of parts)
      assert.deepEqual({ ...answers.get(id), observedAt: '' }, { observedAt: '', body: { name: id } });
  });

  it('sends nothing for nothing', async () => {
    const { sent, send } = bench(() => ok({}));
    assert.equal((await send([])).size, 0);
    assert.deepEqual(sent, []);
  });

  it('sends the throttled parts again, those only, after the longest wait that one was given', async () => {
    const { sent, waits, send } = bench((id, round) => {
      if (round > 1 || id === 'a') return ok(id);
      return id === 'b' ? throttled('0.5') : throttled('2.128');
    });
    const answers = await send(['a', 'b', 'c'].map(get));
    assert.deepEqual(sent, [
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
    assert.deepEqual(waits, [2_128]);
    assert.deepEqual(answers.get('a'), { observedAt: '2026-01-01T00:00:01.000Z', body: 'a' });
    assert.deepEqual(answers.get('c'), { observedAt: '2026-01-01T00:00:02.000Z', body: 'c' });
  });

  it('waits longer each time where no wait was given, and gives up after three', async () => {
    const { sent, waits, send } = bench(() => throttled());
    const failure = failureIn((await send([get('a')])).get('a'));
    assert.equal(sent.length, 3);
    assert.ok(waits.length === 2 && waits[0]! > 0 && waits[1]! > waits[0]!, String(waits));
    assert.deepEqual([failure.code, failure.retryable, failure.retryAfterMs], ['graph.throttled', true, undefined]);
  });

  it('leaves a longer wait to the caller, and what was answered stands', async () => {
    const { sent, waits, send } = bench((id) => (id === 'a' ? ok(id) : throttled('6')));
    const answers = await send(['a', 'b'].map(get));
    assert.equal(failureIn(answers.get('b')).retryAfterMs, 6_000);
    assert.ok('body' in answers.get('a')!);
    assert.deepEqual([sent.length, waits.length], [1, 0]);
  });

  it('does not send again what cannot go better', async () => {
    const { sent, send } = bench((id) => ({ status: id === 'a' ? 404 : 403, body: { error: { code: 'x' } } }));
    const answers = await send(['a', 'b'].map(get));
    assert.deepEqual(
      [failureIn(answers.get('a')).code, failureIn(answers.get('b')).code],
      ['graph.not-found', 'graph.forbidden'],
    );
    assert.equal(sent.length, 1);
  });

  it('asks again for a part that was left out, and fails it when it stays out', async () => {
    const { sent, send } = bench((id) => (id === 'a' ? ok(id) : null));
    const answers = await send(['a', 'b'].map(get));
    const failure = failureIn(answers.get('b'));
    assert.deepEqual([failure.code, failure.retryable], ['graph.malformed', true]);
    assert.deepEqual(sent, [['a', 'b'], ['b'], ['b']]);
  });

  it('rejects an answer that is no batch, and passes on the failure of the whole', async () => {
    const answering =
      (body: unknown): Transport =>
      () =>
        Promise.resolve({ status: 200, body, observedAt: '' });
    for (const body of [null, {}, { responses: 'none' }, { responses: [{ id: 1 }] }])
      await assert.rejects(sendBatch(answering(body), [get('a')], { what: 'x' }), {
        code: 'graph.malformed',
        retryable: true,
      });
    const away = new Failure('graph.unavailable', 'away', { retryable: true });
    await assert.rejects(
      sendBatch(() => Promise.reject(away), [get('a')], { what: 'x' }),
      away,
    );
  });

  it('says of a body that it is JSON, as Graph wants to be told', async () => {
    let asked: unknown;
    const transport: Transport = ({ method, path, body }) => {
      asked = { method, path, body };
      return Promise.resolve({ status: 200, body: { responses: [{ id: 'a', status: 204 }] }, observedAt: '' });
    };
    const answers = await sendBatch(transport, [{ id: 'a', method: 'POST', url: '/x', body: { y: 1 } }], { what: 'x' });
    assert.deepEqual(answers.get('a'), { observedAt: '', body: null });
    const headers = { 'Content-Type': 'application/json' };
    const request = { id: 'a', method: 'POST', url: '/x', body: { y: 1 }, headers };
    assert.deepEqual(asked, { method: 'POST', path: '/$batch', body: { requests: [request] } });
  });
});
