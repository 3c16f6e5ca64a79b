import assert from 'node:assert/strict';
import { Failure, isFailure } from '@muster/contracts';
import type { GraphAnswer, GraphRequest } from './microsoft-graph.js';
import { readUsers } from './read-users.js';

const userId = '11111111-1111-4111-8111-111111111111';
const other = '22222222-2222-4222-8222-222222222222';
const groupId = '99999999-9999-4999-8999-999999999999';

type Part = { id: string; url: string };
type Reply = { status: number; body?: unknown; headers?: Record<string, string> };
type Round = (part: Part) => Reply;
const throttled: Reply = {
  status: 429,
  headers: { 'Retry-After': '0.01' },
  body: { error: { code: 'TooManyRequests' } },
};
const missing: Reply = { status: 404, body: { error: { code: 'Request_ResourceNotFound' } } };
const answer = (part: Part): Reply =>
  part.url.endsWith('checkMemberGroups')
    ? { status: 200, body: { value: [groupId] } }
    : { status: 200, body: { id: part.url.split(/[/?]/)[2] } };
const isMembership = ({ url }: Part): boolean => url.endsWith('checkMemberGroups');

/** Graph's `$batch`, a round a call; each begins a second after the other, and answers in the reverse order. */
function graphOf(...rounds: (Round | Failure)[]) {
  const asked: string[][] = [];
  const transport = ({ body }: GraphRequest): Promise<GraphAnswer> => {
    const { requests } = body as { requests: Part[] };
    const round = rounds[asked.length] ?? answer;
    const observedAt = new Date(Date.UTC(2026, 0, 1, 0, 0, asked.length)).toISOString();
    asked.push(requests.map(({ url }) => url.replace(/\?.*/, '')));
    if (typeof round !== 'function') return Promise.reject(round);
    const responses = requests.map((part) => ({ id: part.id, ...round(part) })).reverse();
    return Promise.resolve({ status: 200, body: { responses }, observedAt });
  };
  return { asked, read: (ids: readonly string[]) => readUsers(transport, ids, { groupId }) };
}

describe('readUsers', () => {
  it('sends only the throttled part again, and dates the person by the older half', async () => {
    const { asked, read } = graphOf((part) => (isMembership(part) ? answer(part) : throttled));
    const [person] = await read([userId]);
    assert.equal(person?.found, 'yes');
    assert.equal(person.observedAt, '2026-01-01T00:00:00.000Z');
    assert.deepEqual(asked, [[`/users/${userId}`, `/users/${userId}/checkMemberGroups`], [`/users/${userId}`]]);
  });

  it('keeps who was read when sending the throttled again fails as a whole', async () => {
    const away = new Failure('graph.unavailable', 'away', { retryable: true });
    const { read } = graphOf((part) => (part.url.includes(other) ? throttled : answer(part)), away);
    const [read1, read2] = await read([userId, other]);
    assert.equal(read1?.found, 'yes');
    assert.equal(read2?.found, 'failed');
    assert.ok(isFailure(read2.failure));
    assert.equal(read2.failure.code, 'graph.throttled');
  });

  it('rejects when the first batch fails as a whole', async () => {
    const { read } = graphOf(new Failure('graph.unavailable', 'away', { retryable: true }));
    await assert.rejects(read([userId]), { code: 'graph.unavailable' });
  });

  it('never takes a throttled look into the bin for "gone for good"', async () => {
    const slow: Reply = { ...throttled, headers: { 'Retry-After': '60' } };
    const { read } = graphOf(
      (part) => (isMembership(part) ? answer(part) : missing),
      () => slow,
    );
    const [person] = await read([userId]);
    assert.equal(person?.found, 'failed');
    assert.ok(isFailure(person.failure));
    assert.equal(person.failure.retryAfterMs, 60_000);
  });

  it('tells who is there, in the group or not, in the bin, or gone for good; each once, in the order of asking', async () => {
    const binned = '33333333-3333-4333-8333-333333333333';
    const purged = '44444444-4444-4444-8444-444444444444';
    const { asked, read } = graphOf(
      (part) => {
        if ([binned, purged].some((id) => part.url.includes(id))) return missing;
        return isMembership(part) && part.url.includes(other) ? { status: 200, body: { value: [] } } : answer(part);
      },
      (part) => (part.url.includes(binned) ? { status: 200, body: { id: binned } } : missing),
    );
    const people = await read([purged, other, binned, userId, other]);
    assert.deepEqual(
      people.map((one) => [one.userId, one.found === 'yes' ? one.inGroup : one.found === 'no' && one.removed]),
      [
        [purged, 'hard'],
        [other, false],
        [binned, 'soft'],
        [userId, true],
      ],
    );
    const bin = '/directory/deletedItems/microsoft.graph.user';
    assert.deepEqual(asked[1], [`${bin}/${purged}`, `${bin}/${binned}`]);
  });

  it('finds the group whichever case its id is written in', async () => {
    const upper = { status: 200, body: { value: [groupId.toUpperCase()] } };
    const { read } = graphOf((part) => (isMembership(part) ? upper : answer(part)));
    const [person] = await read([userId]);
    assert.ok(person?.found === 'yes' && person.inGroup === true);
  });

  it('fails a person, to be tried again, whose answer or groups cannot be read', async () => {
    for (const broken of [{}, { value: 'none' }, { value: [7] }, null])
      for (const half of [true, false]) {
        const { read } = graphOf((part) =>
          isMembership(part) === half ? { status: 200, body: broken } : answer(part),
        );
        const [person] = await read([userId]);
        assert.ok(person?.found === 'failed' && isFailure(person.failure));
        assert.deepEqual([person.failure.code, person.failure.retryable], ['graph.malformed', true]);
      }
  });

  it('fails a person, to be tried again, who went between the two halves', async () => {
    const { read } = graphOf((part) => (isMembership(part) ? missing : answer(part)));
    const [person] = await read([userId]);
    assert.ok(person?.found === 'failed' && isFailure(person.failure));
    assert.equal(person.failure.retryable, true);
  });

  it('fails a person whose membership could not be read, rather than calling it "not in the group"', async () => {
    const { read } = graphOf((part) => (isMembership(part) ? missing : answer(part)));
    assert.equal((await read([userId]))[0]?.found, 'failed');
  });
});
