import assert from 'node:assert/strict';
import { Failure, type SubscriptionRecord, type Watch } from '@muster/contracts';
import type { GraphSubscription } from '@muster/graph-client';
import { applyAction, toUnsweptRecord, type Applied, type ApplyContext } from './apply-action.js';
import { SWEEP_NOT_ASKED, type Action } from './domain/plan-subscriptions.js';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const LIFE = 28 * 86_400_000;
const WATCH: Watch = { entity: 'user', resource: '/users' };
const SECRET = 'v1.a-client-state';
const URL = 'https://receiver.example/graph/notifications';
const [OLD, NEW, FOUND] = ['old', 'new', 'found'];
const END = new Date(NOW.getTime() + LIFE).toISOString();

const refusal = (code: string, status: number): Failure =>
  new Failure(code, `Graph answers ${status}`, { retryable: status >= 500, details: { status } });
const [notFound, conflict, forbidden, away] = [
  refusal('graph.not-found', 404),
  refusal('graph.conflict', 409),
  refusal('graph.forbidden', 403),
  refusal('graph.unavailable', 503),
];

type Answers = {
  create?: unknown[];
  renew?: unknown;
  remove?: unknown;
  list?: Partial<GraphSubscription>[];
  /** An Error is thrown; null = it is gone. */
  read?: Error | Partial<GraphSubscription> | null;
};

/** Graph that answers as told (an Error is thrown), and what it was asked for. */
function graphThat({ create = [], renew, remove, list = [], read = {} }: Answers = {}) {
  const calls: string[] = [];
  const wanted: object[] = [];
  const answer = async <T>(call: string, given: unknown, value: T): Promise<T> => {
    calls.push(call);
    await Promise.resolve();
    if (given instanceof Error) throw given;
    return value;
  };
  const made = { resource: '/users', changeType: 'deleted,updated', notificationUrl: URL };
  const graph: ApplyContext['graph'] = {
    createSubscription: ({ expiresAt, ...asked }) => {
      wanted.push({ ...asked, expiresAt });
      return answer('create', create.shift(), { ...made, subscriptionId: NEW, expiresAt });
    },
    renewSubscription: (id, expiresAt) => answer(`renew ${id}`, renew, { ...made, subscriptionId: id, expiresAt }),
    deleteSubscription: (id) => answer(`delete ${id}`, remove, undefined),
    readSubscription: (id) =>
      answer(`read ${id}`, read, read && { ...made, subscriptionId: id, expiresAt: known.expiresAt!, ...read }),
    listSubscriptions: () =>
      answer(
        'list',
        null,
        list.map((item) => ({ ...made, subscriptionId: FOUND, expiresAt: END, ...item })),
      ),
  };
  return { graph, calls, wanted };
}

const toContext = (graph: ApplyContext['graph']): ApplyContext => ({
  settings: { integrationId: 'integration', tenantId: 'tenant' },
  graph,
  now: () => NOW,
  lifetimeMs: LIFE,
  notificationUrl: URL,
  lifecycleNotificationUrl: 'https://receiver.example/graph/lifecycle',
  signedWith: 'key-2',
  signClientState: () => SECRET,
});
const known: SubscriptionRecord = {
  integrationId: 'integration',
  tenantId: 'tenant',
  ...WATCH,
  subscriptionId: OLD,
  status: 'live',
  notificationUrl: 'https://old.example',
  signedWith: 'key-1',
  expiresAt: new Date(NOW.getTime() + 86_400_000).toISOString(),
  createdAt: '2026-11-01T00:00:00.000Z',
  deliversSince: '2026-11-01T00:00:00.000Z',
  renewedAt: null,
  failure: null,
};
const failedWith = (code: string, count = 1) => ({ code, message: 'in words', at: NOW.toISOString(), count });
const create = (replaces: string | null = null): Action => ({
  kind: 'create',
  watch: WATCH,
  replaces,
  reason: 'wanted',
});
const renew = (record: SubscriptionRecord = known): Action => ({
  kind: 'renew',
  record,
  subscriptionId: OLD,
  reason: 'due',
});
const live = {
  ...known,
  subscriptionId: NEW,
  notificationUrl: URL,
  signedWith: 'key-2',
  expiresAt: END,
  createdAt: NOW.toISOString(),
  deliversSince: NOW.toISOString(),
};

async function apply(action: Action, answers: Answers = {}, record?: SubscriptionRecord) {
  const { graph, calls, wanted } = graphThat(answers);
  const applied: Applied = await applyAction(action, record, toContext(graph));
  assert.doesNotMatch(JSON.stringify(applied.record), /a-client-state/);
  const { record: left, gap } = applied;
  return { ...applied, calls, wanted, gap, record: left, failure: left?.failure ?? null };
}

describe('creating a subscription', () => {
  it('asks with both addresses and a signed clientState, and records what Graph gave as a gap', async () => {
    const { record, gap, wanted } = await apply(create());
    assert.deepEqual(wanted, [
      {
        ...WATCH,
        notificationUrl: URL,
        lifecycleNotificationUrl: 'https://receiver.example/graph/lifecycle',
        clientState: SECRET,
        expiresAt: END,
      },
    ]);
    assert.deepEqual([record, gap], [live, 'subscription on /users created']);
  });

  it('deletes the one that it replaces first, for a slot holds one', async () => {
    const { record, calls, gap } = await apply(create(OLD), {}, known);
    assert.deepEqual([calls, record], [[`delete ${OLD}`, 'create'], live]);
    assert.match(gap ?? '', /created/);
  });

  it('keeps the old one as live when deleting it failed, and as missing when only the new one failed', async () => {
    const kept = await apply(create(OLD), { remove: away }, known);
    assert.deepEqual([kept.calls, kept.record?.status, kept.record?.subscriptionId], [[`delete ${OLD}`], 'live', OLD]);
    const lost = await apply(create(OLD), { create: [away] }, known);
    assert.deepEqual([lost.record?.status, lost.record?.subscriptionId, lost.gap], ['missing', null, null]);
    assert.equal(lost.failure?.code, 'graph.unavailable');
  });

  it('deletes one that is ours but unrecorded and creates it anew: nobody knows its clientState', async () => {
    const { record, calls, gap } = await apply(create(), { create: [conflict], list: [{ resource: 'users' }] });
    assert.deepEqual(calls, ['create', 'list', `delete ${FOUND}`, 'create']);
    assert.deepEqual([record, gap], [live, 'subscription on /users created']);
  });

  it('leaves the slot to another that holds it, and says so', async () => {
    const list = [{ notificationUrl: 'https://other.example' }];
    const { record, calls, gap, failure } = await apply(create(), { create: [conflict], list });
    assert.deepEqual([calls, gap], [['create', 'list'], null]);
    assert.deepEqual([record?.status, record?.subscriptionId], ['slot-taken', null]);
    assert.equal(failure?.code, 'subscription.slot-taken');
  });

  it('fails for now when the list does not show who holds the slot', async () => {
    const { record, calls, failure } = await apply(create(), { create: [conflict] });
    assert.deepEqual([calls, record?.status, failure?.code], [['create', 'list'], 'missing', 'graph.conflict']);
  });

  it('records a refusal with its reason', async () => {
    const { record, gap, failure } = await apply(create(), { create: [forbidden] });
    assert.deepEqual([record?.status, record?.signedWith, gap], ['refused', null, null]);
    assert.deepEqual(failure, { ...failedWith('graph.forbidden'), message: 'Graph answers 403' });
  });

  it('records what Graph takes for wrong with its most likely reason, in our words', async () => {
    const { failure } = await apply(create(), { create: [refusal('graph.refused', 400)] });
    assert.equal(failure?.code, 'graph.refused');
    assert.match(failure.message, /^Graph answers 400 Most often Microsoft got no answer from the receiver/);
  });

  it('counts failures in a row', async () => {
    const before = { ...known, subscriptionId: null, failure: failedWith('graph.unavailable', 4) };
    const { failure } = await apply(create(), { create: [away] }, before);
    assert.equal(failure?.count, 5);
  });

  it('records an error that nobody foresaw without its text, and hands it over for the log', async () => {
    const bug = new TypeError(`cannot read ${SECRET}`);
    const { failure, error } = await apply(create(), { create: [bug] });
    assert.deepEqual(failure, { ...failedWith('unknown'), message: 'an unknown error; see the log' });
    assert.equal(error, bug);
  });
});

describe('renewing a subscription', () => {
  it('moves its end and keeps the rest, without a gap', async () => {
    const { record, calls, gap } = await apply(renew(), {}, known);
    assert.deepEqual([calls, gap], [[`renew ${OLD}`], null]);
    assert.deepEqual(record, { ...known, expiresAt: END, renewedAt: NOW.toISOString() });
  });

  it('creates it anew with a gap when Graph no longer knows it', async () => {
    const { record, calls, gap } = await apply(renew(), { renew: notFound }, known);
    assert.deepEqual([calls, record], [[`renew ${OLD}`, 'create'], live]);
    assert.match(gap ?? '', /created/);
  });

  it('records it as missing when it is gone and cannot be created', async () => {
    const { record, failure } = await apply(renew(), { renew: notFound, create: [away] }, known);
    assert.deepEqual([record?.status, record?.subscriptionId, failure?.count], ['missing', null, 1]);
  });

  it('keeps what is known when it fails or is refused: it may live', async () => {
    const failed = await apply(renew(), { renew: away }, known);
    assert.deepEqual({ ...failed.record, failure: null }, known);
    const refused = await apply(renew(), { renew: forbidden }, known);
    assert.deepEqual({ ...refused.record, failure: null }, { ...known, status: 'refused', deliversSince: null });
    assert.deepEqual([failed.failure?.code, refused.failure?.code], ['graph.unavailable', 'graph.forbidden']);
  });

  it('is a gap after the app was shut out, and none after Graph was away', async () => {
    const gapAfter = async (code: string) => (await apply(renew({ ...known, failure: failedWith(code) }))).gap;
    for (const code of ['graph.forbidden', 'graph.unauthorized', 'token.refused', SWEEP_NOT_ASKED])
      assert.equal(await gapAfter(code), `subscription on /users renewed after ${code}`);
    assert.equal(await gapAfter('graph.unavailable'), null);
  });

  it('delivers since its creation, not at all while the app is shut out, and since the renewal that ended it', async () => {
    assert.equal((await apply(renew(), { renew: away }, known)).record?.deliversSince, known.deliversSince);
    const shutOut = (await apply(renew(), { renew: forbidden }, known)).record!;
    assert.equal(shutOut.deliversSince, null);
    assert.equal((await apply(renew(shutOut), {}, shutOut)).record?.deliversSince, NOW.toISOString());
  });
});

describe('a renewal whose answer was lost', () => {
  const unreached = new Failure('graph.unavailable', 'Graph cannot be reached', { retryable: true });
  const unread = new Failure('graph.malformed', 'no subscription', { retryable: true });
  const lost = [unreached, unread, refusal('graph.unavailable', 504), new TypeError('a bug')];
  const unsure = { ...known, unsureAt: new Date(NOW.getTime() - 60_000).toISOString() };
  const check = (record: SubscriptionRecord): Action => ({
    ...{ kind: 'check', record, subscriptionId: OLD, reason: 'answer lost' },
  });

  it('counts as made where the end has moved, without another', async () => {
    for (const error of lost) {
      const { record, calls } = await apply(renew(), { renew: error, read: { expiresAt: END } }, known);
      assert.deepEqual(calls, [`renew ${OLD}`, `read ${OLD}`]);
      assert.deepEqual(record, { ...known, expiresAt: END, renewedAt: NOW.toISOString() });
    }
  });

  it('stays unsure where it has not, or where Graph cannot be asked', async () => {
    for (const answers of [{}, { read: away }])
      for (const error of lost) {
        const { record, failure } = await apply(renew(), { renew: error, ...answers }, known);
        assert.deepEqual({ ...record, failure: null }, { ...known, unsureAt: NOW.toISOString() });
        assert.equal(failure?.count, 1);
      }
  });

  it('is none where Graph said that it did not make it', async () => {
    for (const error of [away, refusal('graph.throttled', 429)]) {
      const { record, calls } = await apply(renew(), { renew: error }, known);
      assert.deepEqual([calls, record?.unsureAt], [[`renew ${OLD}`], undefined]);
    }
  });

  it('is asked for again: renewed since it was sent, open still, or gone', async () => {
    const renewed = await apply(check(unsure), { read: { expiresAt: END } }, unsure);
    assert.deepEqual(renewed.record, { ...known, expiresAt: END, renewedAt: unsure.unsureAt });
    const open = await apply(check(unsure), {}, { ...unsure, failure: failedWith('graph.unavailable', 2) });
    assert.deepEqual([open.record?.unsureAt, open.failure?.code], [unsure.unsureAt, 'subscription.unsure']);
    const gone = await apply(check(unsure), { read: null }, unsure);
    assert.deepEqual([gone.record, gone.calls], [live, [`read ${OLD}`, 'create']]);
  });
});

describe('removing a subscription', () => {
  it('deletes it at Graph and forgets it', async () => {
    const { record, calls } = await apply({ kind: 'remove', record: known }, {}, known);
    assert.deepEqual([record, calls], [null, [`delete ${OLD}`]]);
  });

  it('asks Graph nothing where none is held or it has expired', async () => {
    for (const fields of [{ subscriptionId: null }, { expiresAt: NOW.toISOString() }]) {
      const { record, calls } = await apply({ kind: 'remove', record: { ...known, ...fields } });
      assert.deepEqual([record, calls], [null, []]);
    }
  });

  it('keeps the record when Graph fails, so that it is tried again', async () => {
    const { record, failure } = await apply({ kind: 'remove', record: known }, { remove: away }, known);
    assert.deepEqual({ ...record, failure: null }, known);
    assert.equal(failure?.code, 'graph.unavailable');
  });
});

describe('a gap whose sweep could not be asked for', () => {
  it('stays on the live record with its count, and is asked for again without a call to Graph', async () => {
    const error = new Failure('log.unavailable', 'Kafka is away', { retryable: true });
    const before = { ...known, failure: failedWith(SWEEP_NOT_ASKED, 2) };
    const unswept = toUnsweptRecord({ record: live, known: before, error, at: NOW });
    assert.deepEqual([unswept.status, unswept.failure?.code, unswept.failure?.count], ['live', SWEEP_NOT_ASKED, 3]);
    assert.match(unswept.failure?.message ?? '', /Kafka is away/);
    const { record, calls, gap } = await apply({ kind: 'sweep', record: unswept, reason: 'gap not swept' });
    assert.deepEqual([record, calls], [live, []]);
    assert.match(gap ?? '', /not swept/);
  });
});
