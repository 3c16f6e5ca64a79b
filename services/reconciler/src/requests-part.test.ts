import assert from 'node:assert/strict';
import { deadLetter, Failure, type SyncRequest } from '@muster/contracts';
import type { ConsumerOptions, IncomingEvent, OutgoingEvent } from '@muster/event-log';
import { createLogger } from '@muster/telemetry';
import type { Request } from './domain/when-to-run.js';
import { requestsPart } from './requests-part.js';

const id = '00000000-0000-0000-0000-000000000001';
const request = (type: 'sweep' | 'users' | 'mfa', reason: string): SyncRequest => ({
  version: 1,
  type,
  integrationId: id,
  tenantId: id,
  reason,
  requestedBy: 'test',
  requestedAt: '2026-03-01T08:00:00.000Z',
});
const toEvent = (value: unknown): IncomingEvent => ({
  topic: 'requests',
  partition: 0,
  offset: '7',
  key: id,
  value: typeof value === 'string' ? Buffer.from(value) : Buffer.from(JSON.stringify(value)),
  timestamp: 0,
});

/** A log that hands its events over, and the newest ones on demand; `answer`: keeps an answer to a plan. */
function setUp(newest: unknown[] = [], answer: () => Promise<void> = () => Promise.resolve()) {
  const asked: Request[] = [];
  const sweeps: string[] = [];
  const answers: string[] = [];
  const people: string[] = [];
  const published: OutgoingEvent[] = [];
  let options: ConsumerOptions | undefined;
  const nothing = () => Promise.resolve();
  requestsPart({
    log: {
      readNewest: (_topic, limit, before) => {
        const end = before ? Number(before.offset) : newest.length;
        const page = newest.slice(newest.length - end).slice(0, limit);
        return Promise.resolve(page.map((value, at) => ({ ...toEvent(value), offset: String(end - 1 - at) })));
      },
      consumer: (given) => {
        options = given;
        return {
          start: nothing,
          stop: nothing,
          state: () => ({ status: 'running' }),
          assignment: () => new Map(),
          pause: () => undefined,
          resume: () => undefined,
        };
      },
    },
    groupId: 'muster.reconciler',
    reconciler: { request: (_id, one) => void asked.push(one) },
    sweeper: {
      request: (_id, { reason }) => void sweeps.push(reason),
      answer: async ({ requestedAt }) => {
        await answer();
        answers.push(requestedAt);
      },
    },
    people: { request: ({ userId }) => Promise.resolve(void people.push(userId)) },
    publisher: { publish: (events) => Promise.resolve(void published.push(...events)) },
    logger: createLogger({ service: 'test', level: 'silent' }),
    now: () => new Date(0),
    fail: (error) => assert.fail(error),
  });
  const handle = (values: unknown[]) =>
    options!.handle({
      topic: 'requests',
      partition: 0,
      events: values.map(toEvent),
      highWatermark: '9',
      heartbeat: nothing,
      isMine: () => true,
    });
  return {
    asked,
    sweeps,
    answers,
    published,
    handle,
    assigned: () => options!.onAssigned!(new Map([['requests', [0]]])),
  };
}

describe('requestsPart', () => {
  it('remembers asked reads as urgent, and leaves sweeps to the sweeper', async () => {
    const { asked, sweeps, handle } = setUp();
    await handle([request('sweep', 'a gap'), request('users', 'asked'), request('mfa', 'asked')]);
    assert.deepEqual(sweeps, ['a gap']);
    assert.deepEqual(
      asked.map(({ kind, urgent }) => [kind, urgent]),
      [
        ['users', true],
        ['mfa', true],
      ],
    );
  });

  const answer = (requestedAt: string): SyncRequest => ({
    ...{ version: 1, type: 'plan', integrationId: id, tenantId: id, planId: 'plan', allowed: true },
    ...{ requestedBy: 'test', requestedAt },
  });
  it('gives answers to plans to the sweeper, oldest first also when they are looked at again', async () => {
    const [early, late] = ['2026-03-01T08:00:00.000Z', '2026-03-01T09:00:00.000Z'] as const;
    const { answers, handle, assigned } = setUp([answer(late), answer(early)]);
    await assigned();
    await handle([answer(late)]);
    assert.deepEqual(answers, [early, late, late]);
  });

  it('sends what is no request to the dead letters, whole, and goes on', async () => {
    const { sweeps, published, handle } = setUp();
    await handle(['{broken', { ...request('sweep', 'x'), integrationId: 'no' }, request('sweep', 'a gap')]);
    assert.equal(sweeps.length, 1);
    const letters = published.map(({ topic, value }) => [topic, deadLetter.parse(value)] as const);
    assert.deepEqual(
      letters.map(([topic, { value }]) => [
        topic,
        Buffer.from(value ?? '', 'base64')
          .toString()
          .slice(0, 7),
      ]),
      [
        ['deadLetters', '{broken'],
        ['deadLetters', '{"versi'],
      ],
    );
  });

  it('finds a reconcile that an admin asked for behind the sweeps that the bursts of hundreds of tenants asked for', async () => {
    const sweepsSince = Array.from({ length: 20_000 }, () => request('sweep', 'a burst'));
    const { asked, assigned } = setUp([...sweepsSince, request('users', 'reconcile now')]);
    await assigned();
    assert.deepEqual(
      asked.map(({ reason }) => reason),
      ['reconcile now'],
    );
  });

  it('remembers what is newer than an answer that has to wait, and all again when it is asked again', async () => {
    let isBusy = true;
    const { asked, answers, assigned } = setUp(
      [request('users', 'reconcile now'), answer('2026-03-01T09:00:00.000Z'), answer('2026-03-01T08:00:00.000Z')],
      () => (isBusy ? Promise.reject(new Failure('plans.busy', 'edited', { retryable: true })) : Promise.resolve()),
    );
    await assert.rejects(assigned(), { code: 'plans.busy', retryable: true });
    assert.deepEqual([asked.map(({ reason }) => reason), answers], [['reconcile now'], []]);
    isBusy = false;
    await assigned();
    assert.deepEqual(answers, ['2026-03-01T08:00:00.000Z', '2026-03-01T09:00:00.000Z']);
  });

  it('remembers the newest requests again when the partition is given to it', async () => {
    const { asked, published, assigned } = setUp([request('mfa', 'before the crash'), '{broken']);
    await assigned();
    assert.deepEqual(
      asked.map(({ reason }) => reason),
      ['before the crash'],
    );
    assert.deepEqual(published, []);
  });
});
