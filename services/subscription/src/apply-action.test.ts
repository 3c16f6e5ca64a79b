import assert from 'node:assert/strict';
import { Failure } from '@muster/contracts';
import {
  apply,
  away,
  conflict,
  create,
  END,
  failedWith,
  forbidden,
  FOUND,
  known,
  live,
  notFound,
  NOW,
  OLD,
  refusal,
  renew,
  SECRET,
  URL,
  WATCH,
} from '../test/support/apply.js';
import { toUnsweptRecord } from './apply-action.js';
import { SWEEP_NOT_ASKED } from './domain/plan-subscriptions.js';

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

  it('is shut out still, and its gap open, whatever else goes wrong before it is renewed', async () => {
    const shutOut = (await apply(renew(), { renew: forbidden }, known)).record!;
    const noAnswer = new Failure('graph.unavailable', 'no answer', { retryable: true });
    for (const error of [away, refusal('graph.throttled', 429), noAnswer, new TypeError('a bug')]) {
      const after = (await apply(renew(shutOut), { renew: error }, shutOut)).record!;
      assert.deepEqual([after.status, after.deliversSince, after.failure?.count], ['refused', null, 2]);
      const back = await apply(renew(after), {}, after);
      assert.equal(back.gap, 'subscription on /users renewed after the app was shut out');
      assert.deepEqual([back.record?.status, back.record?.deliversSince], ['live', NOW.toISOString()]);
    }
  });

  it('leaves a gap open that was not swept, and one of a record of before, when it fails', async () => {
    const { deliversSince: _none, ...old } = { ...known, failure: failedWith('graph.forbidden') };
    for (const before of [{ ...known, failure: failedWith(SWEEP_NOT_ASKED) }, old]) {
      const after = (await apply(renew(before), { renew: away }, before)).record!;
      assert.notEqual((await apply(renew(after), {}, after)).gap, null);
    }
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
