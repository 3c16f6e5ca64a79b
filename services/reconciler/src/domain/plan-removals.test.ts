import assert from 'node:assert/strict';
import { removalLimit, type CandidateState, type PlanRecord } from '@muster/contracts';
import fc from 'fast-check';
import {
  addToPlans,
  answerPlan,
  carriedOut,
  decideRemovals,
  settlePlans,
  supersede,
  type Removal,
} from './plan-removals.js';

const limit = { least: 5, percent: 10 };
const idOf = (index: number): string => `person-${index}`;
const leaving = (count: number, from = 0): Removal[] =>
  Array.from({ length: count }, (_, index) => ({ userId: idOf(from + index), why: 'left-group', inScope: true }));
const planOf = (states: Record<string, CandidateState>, fields: Partial<PlanRecord> = {}): PlanRecord => ({
  planId: 'plan',
  integrationId: 'integration',
  tenantId: 'tenant',
  groupId: null,
  reason: 'too many',
  candidates: Object.entries(states).map(([userId, state]) => ({ userId, why: 'left-group', state })),
  inScope: 350,
  state: 'waiting',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  decidedAt: null,
  decidedBy: null,
  ...fields,
});
const nothing = { removals: [], plans: [], recent: [], inScope: 350, limit, back: new Set<string>() };
const decide = (fields: Partial<Parameters<typeof decideRemovals>[0]>) => decideRemovals({ ...nothing, ...fields });
const statesOf = (plan: PlanRecord | null | undefined) => plan?.candidates.map(({ state }) => state);
const later = '2026-01-01T01:00:00.000Z';

describe('decideRemovals', () => {
  for (const [inScope, count, waits] of [
    [20, 5, false],
    [20, 6, true],
    [1_000, 100, false],
    [1_000, 101, true],
    [5, 5, true],
    [1, 1, true],
  ] as const)
    it(`${waits ? 'holds' : 'applies'} ${count} of ${inScope}`, () => {
      const { apply, hold, reason } = decide({ removals: leaving(count), inScope });
      assert.deepEqual([apply.length, hold.length, reason !== null], waits ? [0, count, true] : [count, 0, false]);
    });

  it('counts who went lately by any source, but not whom an admin allowed', () => {
    const recent = Array.from({ length: 33 }, (_, index) => idOf(1_000 + index));
    assert.equal(decide({ removals: leaving(5), recent }).hold.length, 0);
    assert.equal(decide({ removals: leaving(6), recent }).hold.length, 6);
    const allowed = planOf(Object.fromEntries(recent.map((userId) => [userId, 'removed'])));
    assert.equal(decide({ removals: leaving(6), recent, plans: [allowed] }).hold.length, 0);
  });

  it('holds nobody again whom an admin allowed lately, though the documents do not say so yet', () => {
    const plans = [
      planOf(Object.fromEntries(leaving(300).map(({ userId }) => [userId, 'removed'])), { state: 'done' }),
    ];
    assert.deepEqual(decide({ removals: leaving(300), plans }), { apply: leaving(300), hold: [], reason: null });
    assert.equal(decide({ removals: leaving(340), plans }).hold.length, 40);
  });

  it('neither applies nor holds who waits, is kept or is allowed already', () => {
    const plans = [planOf({ [idOf(0)]: 'waiting', [idOf(1)]: 'refused', [idOf(2)]: 'allowed' })];
    const { apply, hold } = decide({ removals: leaving(3), plans });
    assert.deepEqual([apply, hold], [[], []]);
  });

  it('lets nobody stay whose account is deleted because they were to be kept though out of the group', () => {
    const plans = [planOf({ [idOf(0)]: 'waiting', [idOf(1)]: 'refused', [idOf(2)]: 'allowed' })];
    const deleted = leaving(3).map((one): Removal => ({ ...one, why: 'deleted' }));
    assert.deepEqual(decide({ removals: deleted, plans }).apply, deleted.slice(0, 2), 'the third is about to go');
    const [waits, refused] = deleted as [Removal, Removal];
    const fresh = () => planOf({}, { planId: 'next', createdAt: later });
    const [again] = addToPlans(plans, [waits, refused], { fresh });
    assert.deepEqual(
      again?.candidates.map(({ why, state }) => [why, state]),
      [
        ['deleted', 'waiting'],
        ['deleted', 'waiting'],
        ['left-group', 'allowed'],
      ],
    );
    assert.deepEqual(decide({ removals: deleted, plans: [again] }).apply, [], 'now they wait as deleted');
  });

  it('holds a few where it must, and applies what nobody feels', () => {
    const [one, other] = leaving(2) as [Removal, Removal];
    const { apply, hold } = decide({ removals: [one, { ...other, inScope: false }], mustWait: 'the group is gone' });
    assert.deepEqual([apply.map(({ userId }) => userId), hold], [[other.userId], [one]]);
  });

  it('never applies more within the window than the limit, nor everyone, however the removals are cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.array(fc.integer({ min: 1, max: 60 })), (scope, portions) => {
        const gone: string[] = [];
        let from = 0;
        for (const portion of portions) {
          const removals = leaving(Math.min(portion, scope - from), from);
          from += removals.length;
          const { apply } = decide({ removals, recent: gone, inScope: scope - gone.length });
          gone.push(...apply.map(({ userId }) => userId));
        }
        assert.ok(gone.length <= removalLimit(scope, limit));
        assert.ok(gone.length < scope);
      }),
      { numRuns: 2_000 },
    );
  });

  it('loses nobody: each is applied, held, or in a plan', () => {
    const state = fc.constantFrom<CandidateState>('waiting', 'allowed', 'refused', 'removed', 'stayed');
    fc.assert(
      fc.property(fc.nat(50), fc.array(state, { maxLength: 50 }), fc.nat(100), (count, states, inScope) => {
        const plans = [planOf(Object.fromEntries(states.map((one, index) => [idOf(index), one])))];
        const removals = leaving(count);
        const { apply, hold } = decide({ removals, plans, inScope });
        const open = removals.filter((_, index) => ['waiting', 'allowed', 'refused'].includes(states[index] ?? ''));
        assert.equal(apply.length + hold.length + open.length, count);
      }),
    );
  });
});

describe('plans', () => {
  it('take later candidates into the one that waits, and who stayed once may wait again', () => {
    const waiting = planOf({ [idOf(0)]: 'waiting', [idOf(1)]: 'stayed' });
    const fresh = () => planOf({}, { planId: 'fresh', reason: 'more' });
    const [plan, ...others] = addToPlans([waiting], leaving(3), { fresh });
    assert.deepEqual([plan?.planId, plan?.reason, statesOf(plan)], ['plan', 'more', ['waiting', 'waiting', 'waiting']]);
    assert.deepEqual(others, []);
    const [next] = addToPlans([planOf({}, { state: 'refused' })], leaving(1), { fresh });
    assert.equal(next?.planId, 'fresh');
  });

  it('hold everyone once, in as many plans as it takes, none larger than a document may be', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 20 }), (portions, most) => {
        const plans = new Map<string, PlanRecord>();
        let made = 0;
        const fresh = () => planOf({}, { planId: `plan ${(made += 1)}` });
        let from = 0;
        for (const portion of portions) {
          // Half of each portion was held before.
          const start = Math.max(0, from - Math.floor(portion / 2));
          for (const plan of addToPlans([...plans.values()], leaving(portion, start), { fresh, most }))
            plans.set(plan.planId, plan);
          from = start + portion;
        }
        const held = [...plans.values()].flatMap(({ candidates }) => candidates.map(({ userId }) => userId));
        assert.deepEqual(
          held.toSorted(),
          leaving(from)
            .map(({ userId }) => userId)
            .toSorted(),
        );
        assert.ok([...plans.values()].every(({ candidates }) => candidates.length <= most));
      }),
    );
  });

  it('end without a decision when everyone is back, and a refusal ends with its people', () => {
    const plans = [planOf({ a: 'waiting', b: 'waiting' }), planOf({ c: 'refused' }, { state: 'refused' })];
    const settled = settlePlans(plans, ({ userId }) => userId !== 'b', { at: later });
    assert.deepEqual(
      settled.map(({ state }) => state),
      ['waiting', 'done'],
    );
    assert.deepEqual(statesOf(settled[0]), ['stayed', 'waiting']);
    assert.deepEqual(
      settlePlans(plans, () => false, { at: later }),
      [],
    );
  });

  it('are answered whole or for some, by the newest answer', () => {
    const plan = planOf({ a: 'waiting', b: 'waiting' });
    const whole = answerPlan(plan, { allowed: true, by: 'key', at: later });
    assert.deepEqual([whole?.state, whole?.decidedBy, statesOf(whole)], ['allowed', 'key', ['allowed', 'allowed']]);
    const some = answerPlan(plan, { allowed: false, userIds: ['a'], by: 'key', at: later });
    assert.deepEqual([some?.state, statesOf(some)], ['waiting', ['refused', 'waiting']]);
    assert.equal(answerPlan(some!, { allowed: false, userIds: ['a'], by: 'key', at: later }), null, 'a repeat');
    assert.equal(answerPlan(plan, { allowed: true, userIds: ['z'], by: 'key', at: later }), null, 'of nobody in it');
  });

  it('are answered by what the admin saw: who was added since waits on', () => {
    const seen = planOf({ a: 'waiting' });
    const [grown] = addToPlans([seen], leaving(2), { fresh: () => planOf({}, { createdAt: later }) });
    const answered = answerPlan(grown!, {
      allowed: true,
      by: 'key',
      at: '2026-01-02T00:00:00.000Z',
      seenAt: seen.updatedAt,
    });
    assert.deepEqual([answered?.state, statesOf(answered)], ['waiting', ['allowed', 'waiting', 'waiting']]);
  });

  it('never go back in time, so that an answer is for who was seen, and who is seen can be answered for', () => {
    const [early, late] = ['2026-01-01T00:30:00.000Z', later];
    const hold = (plan: PlanRecord, userIds: readonly string[], at: string): PlanRecord => {
      const removals = userIds.map((userId): Removal => ({ userId, why: 'left-group', inScope: true }));
      return addToPlans([plan], removals, { fresh: () => planOf({}, { createdAt: at, updatedAt: at }) })[0]!;
    };
    // Held by a read that began before the plan was last changed.
    const [known, more] = [hold(planOf({ a: 'waiting' }), ['b'], late), ['c']];
    const plan = hold(known, more, early);
    const answer = (to: PlanRecord, seenAt: string) =>
      answerPlan(to, { allowed: true, by: 'admin', at: '2026-01-01T02:00:00.000Z', seenAt });
    assert.deepEqual(statesOf(answer(plan, known.updatedAt)), ['allowed', 'allowed', 'waiting']);
    assert.deepEqual(statesOf(answer(plan, plan.updatedAt)), ['allowed', 'allowed', 'allowed']);
    // Answered before the last one was held, and carried out behind it.
    const refused = answerPlan(plan, { allowed: false, by: 'admin', at: early, seenAt: early })!;
    assert.deepEqual(statesOf(refused), ['refused', 'waiting', 'waiting']);
    assert.deepEqual(statesOf(answer(refused, refused.updatedAt)), ['refused', 'allowed', 'allowed']);
  });

  it('take the later answer for a person, in whatever order two come, and lose none for others', () => {
    const at = (minute: number): string => `2026-01-01T02:0${minute}:00.000Z`;
    const plan = planOf({ a: 'waiting', b: 'waiting' });
    const refusal = { allowed: false, userIds: ['a'], by: 'one', at: at(5) };
    const earlier = { allowed: true, userIds: ['a', 'b'], by: 'other, whose clock is behind', at: at(1) };
    const one = answerPlan(answerPlan(plan, refusal)!, earlier);
    assert.deepEqual(statesOf(one), ['refused', 'allowed']);
    assert.deepEqual(statesOf(answerPlan(answerPlan(plan, earlier)!, refusal)), ['refused', 'allowed']);
    assert.equal(answerPlan(one!, earlier), null, 'the same answer again, after a start');
  });

  it('ask again about who stayed and goes once more: the old answer is none', () => {
    const stayed = planOf({ a: 'stayed', b: 'waiting' });
    const [again] = addToPlans([stayed], [{ userId: 'a', why: 'absent', inScope: true }], {
      fresh: () => planOf({}, { createdAt: later }),
    });
    const old = { allowed: true, by: 'key', at: '2026-01-01T00:30:00.000Z' };
    assert.deepEqual(statesOf(answerPlan(again!, old)), ['waiting', 'allowed']);
  });

  it('hold nobody once more who was answered for while another read decided whom to hold', () => {
    const plans = [planOf({ [idOf(0)]: 'refused', [idOf(1)]: 'allowed' }, { state: 'allowed' })];
    const fresh = () => planOf({}, { planId: 'next' });
    assert.deepEqual(addToPlans(plans, leaving(2), { fresh }), []);
    assert.deepEqual(
      addToPlans(plans, leaving(3), { fresh })[0]?.candidates.map(({ userId }) => userId),
      [idOf(2)],
    );
  });

  it('may be allowed after they were refused, and the rest of a plan leaves earlier refusals alone', () => {
    const refused = planOf({ a: 'refused' }, { state: 'refused', decidedAt: '2026-01-01T00:30:00.000Z' });
    assert.equal(answerPlan(refused, { allowed: true, by: 'key', at: later })?.state, 'allowed');
    const mixed = planOf({ a: 'refused', b: 'waiting' });
    assert.deepEqual(statesOf(answerPlan(mixed, { allowed: true, by: 'key', at: later })), ['refused', 'allowed']);
  });

  it('are done once all who were allowed are removed or stayed', () => {
    const plan = planOf({ a: 'allowed', b: 'allowed', c: 'allowed' }, { state: 'allowed' });
    const half = carriedOut(
      plan,
      new Map([
        ['a', 'removed'],
        ['b', 'stayed'],
      ]),
      later,
    );
    assert.deepEqual([half.state, statesOf(half)], ['allowed', ['removed', 'stayed', 'allowed']]);
    assert.equal(carriedOut(half, new Map([['c', 'removed']]), later).state, 'done');
  });
});

describe('supersede', () => {
  const groupId = '00000000-0000-4000-8000-00000000000a';
  const plan = planOf({ a: 'waiting', b: 'allowed', c: 'refused', d: 'removed', e: 'stayed' }, { groupId });

  it('ends what is open of a group that was left, and keeps what became of the others, and refusals', () => {
    const ended = supersede(plan, { groupId: null, state: 'active' }, later);
    assert.deepEqual(statesOf(ended), ['superseded', 'superseded', 'refused', 'removed', 'stayed']);
    assert.deepEqual([ended?.state, ended?.updatedAt], ['refused', later]);
    assert.equal(supersede(ended!, { groupId: null, state: 'active' }, later), null, 'once');
    const refused = answerPlan(ended!, { allowed: false, by: 'key', at: '2026-01-01T02:00:00.000Z' });
    assert.equal(refused, null, 'an answer that comes late changes nothing');
  });

  it('leaves a plan of the present scope alone, until the integration is removed', () => {
    for (const state of ['active', 'paused', 'draft'] as const)
      assert.equal(supersede(plan, { groupId, state }, later), null);
    assert.match(supersede(plan, { groupId, state: 'removed' }, later)!.reason, /integration was removed/);
  });
});
