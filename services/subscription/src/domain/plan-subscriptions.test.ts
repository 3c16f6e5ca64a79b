import assert from 'node:assert/strict';
import type { SubscriptionRecord, Watch } from '@muster/contracts';
import fc from 'fast-check';
import {
  findHidden,
  judgeSlot,
  planSubscriptions,
  SWEEP_NOT_ASKED,
  toRenewAt,
  toRetryAt,
} from './plan-subscriptions.js';
import type { Action, Listed, PlanInput } from './plan-subscriptions.js';
import { at, DAY, ID, live, MINUTE, NOW, ours, USERS } from '../../test/support/records.js';

const SECOND = 1_000;
const GROUP: Watch = { entity: 'group', resource: '/groups/33333333-3333-4333-8333-333333333333' };

const missing = (watch: Watch, failure: SubscriptionRecord['failure'] = null): SubscriptionRecord =>
  live(watch, { subscriptionId: null, status: 'missing', expiresAt: null, createdAt: null, signedWith: null, failure });
const failed = (count: number, ago: number, code = 'graph.unavailable') => ({
  code,
  message: 'in words',
  at: at(NOW - ago),
  count,
});
const plan = (fields: Partial<PlanInput>): Action[] =>
  planSubscriptions({ wanted: [USERS], recorded: [], listed: null, now: NOW, ours, ...fields });
const planFor = (record: SubscriptionRecord, fields: Partial<PlanInput> = {}): string[] =>
  plan({ wanted: [{ entity: record.entity, resource: record.resource }], recorded: [record], ...fields }).map(toText);
const toText = (action: Action): string =>
  action.kind === 'remove' ? `remove ${action.record.resource}` : `${action.kind} for ${action.reason}`;

describe('the plan for subscriptions', () => {
  it('leaves a healthy one alone, listed or not asked for', () => {
    const listed = [{ subscriptionId: ID, resource: '/users', notificationUrl: ours.notificationUrl }];
    assert.deepEqual(planFor(live(USERS)), []);
    assert.deepEqual(planFor(live(USERS), { listed }), []);
  });

  it('creates what is wanted and not there, missing, or expired', () => {
    assert.deepEqual(plan({}).map(toText), ['create for wanted']);
    assert.deepEqual(planFor(missing(USERS)), ['create for missing']);
    assert.deepEqual(planFor(live(USERS, { expiresAt: at(NOW) })), ['create for expired']);
  });

  it('renews nothing before 45 % of its life, and everything after 55 %', () => {
    const life = fc.integer({ min: 45 * MINUTE, max: 29 * DAY });
    fc.assert(
      fc.property(fc.uuid(), life, (id, ms) => {
        const planAt = (share: number, from: 'createdAt' | 'renewedAt'): string[] => {
          const begin = NOW - ms * share;
          const created = { subscriptionId: id, createdAt: at(NOW - 90 * DAY), expiresAt: at(begin + ms) };
          return planFor(live(USERS, { ...created, [from]: at(begin) }));
        };
        for (const from of ['createdAt', 'renewedAt'] as const) {
          for (const share of [0, 0.2, 0.4499]) assert.deepEqual(planAt(share, from), []);
          for (const share of [0.5501, 0.8, 0.999]) assert.deepEqual(planAt(share, from), ['renew for due']);
        }
      }),
    );
  });

  it('spreads renewals over the tenth of the life, by the id', () => {
    const first = toRenewAt(live(USERS, { subscriptionId: `${ID.slice(0, -6)}000000` }));
    const last = toRenewAt(live(USERS, { subscriptionId: `${ID.slice(0, -6)}ffffff` }));
    assert.ok(Math.abs(last - first - 2.8 * DAY) < MINUTE, `${(last - first) / DAY} days`);
  });

  it('replaces what has another address or signing key, first one, then the other', () => {
    for (const old of [{ notificationUrl: 'https://old.example' }, { signedWith: 'key-1' }]) {
      const [users, group] = [live(USERS, old), live(GROUP, old)];
      const wanted = [USERS, GROUP];
      const first = plan({ wanted, recorded: [users, group] });
      assert.equal(first.length, 1);
      assert.ok(first[0]?.kind === 'create' && first[0].watch === USERS && first[0].replaces === ID);
      const [second, ...more] = plan({ wanted, recorded: [live(USERS), group] });
      assert.deepEqual(more, []);
      assert.ok(second?.kind === 'create' && second.watch === GROUP && second.replaces === ID);
    }
  });

  it('replaces none while another is missing, unless that one fails for long', () => {
    const group = live(GROUP, { signedWith: 'key-1' });
    const wanted = [USERS, GROUP];
    const withUsers = (users: SubscriptionRecord): string[] => plan({ wanted, recorded: [users, group] }).map(toText);
    assert.deepEqual(withUsers(missing(USERS, failed(3, SECOND))), []);
    assert.deepEqual(withUsers(missing(USERS)), ['create for missing']);
    assert.deepEqual(withUsers(missing(USERS, failed(10, SECOND))), ['create for signing key changed']);
    const refused = { ...missing(USERS, failed(1, SECOND)), status: 'refused' as const };
    assert.deepEqual(withUsers(refused), ['create for signing key changed']);
  });

  it('tries a failed one again after 2 s, doubled with each failure, 5 min at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (count) => {
        const pause = Math.min(5 * MINUTE, 2 * SECOND * 2 ** (count - 1));
        for (const record of [live(USERS), missing(USERS)]) {
          assert.deepEqual(planFor({ ...record, failure: failed(count, pause - 1) }), []);
          const kind = record.subscriptionId === null ? 'create for missing' : 'renew for failed before';
          assert.deepEqual(planFor({ ...record, failure: failed(count, pause) }), [kind]);
        }
      }),
    );
    assert.equal(toRetryAt(live(USERS), NOW), null);
    assert.equal(toRetryAt(live(USERS, { failure: failed(1, 0) }), NOW), NOW + 2 * SECOND);
  });

  it('asks at once when an admin has edited the integration since, but not before Graph wants to be asked', () => {
    const refused = { ...missing(USERS, failed(9, MINUTE)), status: 'refused' as const };
    assert.deepEqual(planFor(refused, { editedAt: NOW - 2 * MINUTE }), []);
    assert.deepEqual(planFor(refused, { editedAt: NOW - SECOND }), ['create for missing']);
    const throttled = missing(USERS, { ...failed(1, MINUTE), notBefore: at(NOW + 1) });
    assert.deepEqual(planFor(throttled, { editedAt: NOW - SECOND }), []);
  });

  it('asks for what was refused, or another holds, after 15 min', () => {
    for (const status of ['refused', 'slot-taken'] as const) {
      const refused = (ago: number) => ({ ...missing(USERS, failed(1, ago, 'graph.forbidden')), status });
      assert.deepEqual(planFor(refused(15 * MINUTE - 1)), []);
      assert.deepEqual(planFor(refused(15 * MINUTE)), ['create for missing']);
    }
  });

  it('asks soon where Graph was away when it asked again for what was refused', () => {
    const refused = live(USERS, { status: 'refused', failure: failed(2, 4 * SECOND) });
    assert.deepEqual(planFor(refused), ['renew for failed before']);
  });

  it('creates anew what is gone, however young: that is no PATCH', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 * MINUTE }), fc.boolean(), (ago, wasRenewed) => {
        const fields = wasRenewed ? { renewedAt: at(NOW - ago) } : { createdAt: at(NOW - ago) };
        assert.deepEqual(planFor(live(USERS, fields), { listed: [] }), ['create for gone']);
      }),
    );
  });

  it('has each of ours that the list hides asked for by its id', () => {
    const users = live(USERS);
    const listed = [{ subscriptionId: ID, resource: '/users', notificationUrl: ours.notificationUrl }];
    assert.deepEqual(findHidden([users, missing(GROUP)], []), [users]);
    assert.deepEqual(findHidden([users, missing(GROUP)], listed), []);
  });

  it('removes what nobody wants, but waits out the pause of a failed removal', () => {
    assert.deepEqual(planFor(live(GROUP), { wanted: [] }), [`remove ${GROUP.resource}`]);
    assert.deepEqual(planFor(live(GROUP, { failure: failed(1, SECOND) }), { wanted: [] }), []);
    const nothingHeld = missing(GROUP, failed(1, SECOND, 'graph.forbidden'));
    assert.deepEqual(planFor(nothingHeld, { wanted: [] }), [`remove ${GROUP.resource}`]);
  });

  it('asks again for a sweep that could not be asked for, and leaves Graph alone', () => {
    const record = live(USERS, { failure: failed(1, 2 * SECOND, SWEEP_NOT_ASKED) });
    assert.deepEqual(planFor(record), ['sweep for gap not swept']);
  });
});

const instant = fc.integer({ min: NOW - 40 * DAY, max: NOW }).map(at);
const failure = fc.option(
  fc.record({
    code: fc.constantFrom('graph.unavailable', SWEEP_NOT_ASKED),
    message: fc.constant('in words'),
    at: instant,
    count: fc.integer({ min: 1, max: 20 }),
  }),
);
/** A renewal whose answer was lost, and what Graph asked for. */
const open = fc.record(
  { unsureAt: instant, reauthoriseWantedAt: instant, recreateWantedAt: instant },
  { requiredKeys: [] },
);
const heldOf = (watch: Watch): fc.Arbitrary<SubscriptionRecord> =>
  fc
    .record({
      subscriptionId: fc.uuid(),
      status: fc.constantFrom('live' as const, 'refused' as const),
      notificationUrl: fc.constantFrom(ours.notificationUrl, 'https://old.example'),
      signedWith: fc.constantFrom('key-1', 'key-2'),
      expiresAt: fc.integer({ min: NOW - 5 * DAY, max: NOW + 28 * DAY }).map(at),
      createdAt: instant,
      renewedAt: fc.option(instant),
      failure,
    })
    .chain((fields) => open.map((more) => live(watch, { ...fields, ...more })));
const notHeldOf = (watch: Watch): fc.Arbitrary<SubscriptionRecord> =>
  fc
    .record({ status: fc.constantFrom('missing' as const, 'refused' as const, 'slot-taken' as const), failure })
    .map((fields) => ({ ...missing(watch), ...fields }));
const recordOf = (watch: Watch) => fc.oneof(heldOf(watch), notHeldOf(watch));
const recorded = fc.tuple(fc.option(recordOf(USERS)), fc.option(recordOf(GROUP)));
const isRecord = (record: SubscriptionRecord | null): record is SubscriptionRecord => record !== null;

describe('the plan for subscriptions, carried out', () => {
  /** Every call goes well; the list shows what is there. */
  const carryOut = (action: Action, records: Map<string, SubscriptionRecord>, now: number): void => {
    const fresh = { expiresAt: at(now + 28 * DAY), failure: null, status: 'live' as const };
    if (action.kind === 'create') {
      const made = { ...fresh, ...ours, subscriptionId: ID, createdAt: at(now), renewedAt: null };
      records.set(action.watch.resource, live(action.watch, made));
    } else if (action.kind === 'renew') {
      const { unsureAt: _known, reauthoriseWantedAt: _done, recreateWantedAt: _lives, ...rest } = action.record;
      records.set(action.record.resource, { ...rest, ...fresh, renewedAt: at(now) });
    } else if (action.kind === 'check') assert.ok(now - Date.parse(action.record.unsureAt!) < 10 * MINUTE);
    else if (action.kind === 'sweep') records.set(action.record.resource, { ...action.record, failure: null });
    else records.delete(action.record.resource);
  };

  it('reaches what is wanted, from whatever was recorded, and then plans nothing', () => {
    const anyWanted = fc.subarray([USERS, GROUP]);
    fc.assert(
      fc.property(anyWanted, recorded, (wanted, [users, group]) => {
        const records = new Map([users, group].filter(isRecord).map((record) => [record.resource, record]));
        let now = NOW;
        const look = (): Action[] => {
          const listed = [...records.values()].flatMap(({ subscriptionId, ...item }) =>
            subscriptionId === null ? [] : [{ ...item, subscriptionId }],
          );
          return planSubscriptions({ wanted, recorded: [...records.values()], listed, now, ours });
        };
        // Three looks, each after the longest pause: two replacements come one after the other.
        for (let count = 0; count < 3; count += 1, now += 15 * MINUTE) {
          const actions = look();
          const replacements = actions.filter((action) => action.kind === 'create' && action.replaces !== null);
          assert.ok(replacements.length <= 1);
          for (const action of actions) carryOut(action, records, now);
        }
        assert.deepEqual(look(), []);
        assert.deepEqual([...records.keys()].sort(), wanted.map(({ resource }) => resource).sort());
        for (const { subscriptionId, notificationUrl, signedWith, failure: left, expiresAt } of records.values()) {
          assert.ok(subscriptionId !== null && expiresAt !== null && Date.parse(expiresAt) > now);
          assert.deepEqual({ notificationUrl, signedWith, left }, { ...ours, left: null });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('who holds a slot', () => {
  const item = (fields: Partial<Listed>): Listed => ({
    subscriptionId: ID,
    resource: '/users',
    notificationUrl: 'https://other.example',
    ...fields,
  });
  const judge = (...listed: Listed[]) => judgeSlot(USERS, listed, ours.notificationUrl);

  it('is ours with our address, however Graph writes the resource, also beside another', () => {
    const held = { kind: 'ours', subscriptionId: ID };
    const mine = item({ notificationUrl: ours.notificationUrl, resource: 'Users' });
    assert.deepEqual(judge(mine), held);
    assert.deepEqual(judge(item({ subscriptionId: '5' }), mine), held);
  });

  it('is taken with the address of another', () => {
    assert.deepEqual(judge(item({})), { kind: 'taken' });
  });

  it('is unknown when the list shows nobody on this resource', () => {
    assert.deepEqual(judge(), { kind: 'unknown' });
    assert.deepEqual(judge(item({ resource: GROUP.resource, notificationUrl: ours.notificationUrl })), {
      kind: 'unknown',
    });
  });
});
