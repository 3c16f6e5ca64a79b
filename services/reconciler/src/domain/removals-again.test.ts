import assert from 'node:assert/strict';
import type { CandidateState, PlanRecord } from '@muster/contracts';
import { answeredAt, carriedOut, decideRemovals, settlePlans, type Removal } from './plan-removals.js';

const at = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T01:00:00.000Z';
const planOf = (states: Record<string, CandidateState>, fields: Partial<PlanRecord> = {}): PlanRecord => ({
  ...{ planId: 'plan', integrationId: 'integration', tenantId: 'tenant', groupId: null, reason: 'too many' },
  candidates: Object.entries(states).map(([userId, state]) => ({ userId, why: 'left-group', state })),
  ...{ inScope: 350, state: 'done', createdAt: at, updatedAt: at, decidedAt: at, decidedBy: 'key', ...fields },
});
const statesOf = ({ candidates }: PlanRecord) => candidates.map(({ state }) => state);
const people = Array.from({ length: 350 }, (_, index) => `person-${index}`);
const removals = people.map((userId): Removal => ({ userId, why: 'left-group', inScope: true }));
const limit = { least: 5, percent: 10 };
const nobody = { recent: [], inScope: 1, limit, back: new Set<string>() };
const removalsOf = (userId: string): Removal[] => [{ userId, why: 'left-group', inScope: true }];

describe('an answer that an admin gave', () => {
  const plans = [planOf(Object.fromEntries(people.map((userId) => [userId, 'removed'])))];

  it('is for once: a group that was emptied, filled again and emptied again waits again', () => {
    const facts = { removals, plans, recent: [], inScope: 350, limit };
    assert.equal(decideRemovals({ ...facts, back: new Set() }).hold.length, 0, 'on its way still');
    const again = decideRemovals({ ...facts, back: new Set(people) });
    assert.deepEqual([again.hold.length, again.apply.length], [350, 0]);
    assert.match(again.reason ?? '', /that is everyone/);
  });

  it('counts from when it was given, the newest of several; who is settled without one allowed nothing', () => {
    const decided = planOf({}, { candidates: [{ userId: 'a', why: 'absent', state: 'removed', decidedAt: later }] });
    const old = planOf({ a: 'removed', b: 'removed', c: 'stayed', d: 'superseded' }, { updatedAt: later });
    assert.deepEqual(
      [...answeredAt([decided, old])],
      [
        ['a', later],
        ['b', at],
      ],
    );
  });

  it('that refuses somebody who was told to be gone comes too late, and says so', () => {
    const told = carriedOut(planOf({ a: 'refused', b: 'refused' }), new Map([['a', 'removed']]), later);
    assert.deepEqual(statesOf(told), ['removed', 'refused']);
    assert.deepEqual(statesOf(carriedOut(planOf({ a: 'refused' }), new Map([['a', 'stayed']]), later)), ['refused']);
  });

  it('is needed no longer by who went another way', () => {
    const [settled] = settlePlans(
      [planOf({ a: 'waiting', b: 'waiting', c: 'allowed' })],
      ({ userId }) => userId !== 'b',
      { at: later, outcome: 'superseded' },
    );
    assert.deepEqual(settled && statesOf(settled), ['superseded', 'waiting', 'allowed']);
    assert.equal(decideRemovals({ ...nobody, removals: removalsOf('a'), plans: [settled!] }).hold.length, 1);
  });

  it('ends when a change tells later that the person came in again', () => {
    const plan = planOf({ a: 'allowed', b: 'allowed' });
    const isBack = ({ userId }: { userId: string }): boolean => userId === 'a';
    const [settled] = settlePlans([plan], isBack, { at: later, cameInAt: later });
    assert.deepEqual(settled && statesOf(settled), ['stayed', 'allowed']);
    assert.deepEqual(settlePlans([plan], isBack, { at: later, cameInAt: at }), [], 'a change from before');
  });
});
