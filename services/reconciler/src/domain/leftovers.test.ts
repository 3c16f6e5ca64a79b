import assert from 'node:assert/strict';
import type { CandidateState, PlanRecord } from '@muster/contracts';
import { toSettings } from '@muster/test-support';
import { allowLeftovers, isLeftover, takesOver } from './leftovers.js';
import type { Removal } from './plan-removals.js';
import { MARK } from './snapshot.js';

const at = (hour: number): string => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
const settings = toSettings({ groupId: '30000000-0000-4000-8000-000000000000', createdAt: at(8) });

describe('people left over from a removed integration', () => {
  it('are there only where the tenant had another integration that was removed', () => {
    const { tenantId } = settings;
    assert.equal(takesOver(settings, [settings]), false);
    assert.equal(takesOver(settings, [settings, toSettings({ tenantId, state: 'removed' })]), true);
    assert.equal(takesOver(settings, [settings, toSettings({ tenantId, state: 'paused' })]), false);
    assert.equal(takesOver(settings, [settings, toSettings({ state: 'removed' })]), false);
    assert.equal(takesOver(settings, [{ ...settings, state: 'removed' }]), false);
  });

  const person = { userId: 'ann', observedAt: at(7), inGroup: true, status: 'active' } as const;
  const cases: [string, boolean, Partial<Parameters<typeof isLeftover>[1]>, number][] = [
    ['who was seen out of the group', true, {}, MARK.present],
    ['who was not seen at all', true, {}, 0],
    ['whose account is disabled', true, { status: 'disabled' }, MARK.present],
    ['who is in scope of this one, too', false, {}, MARK.inScope],
    ['whom this one saw before', false, { observedAt: at(8) }, MARK.present],
    ['who is out already', false, { status: 'out-of-scope', inGroup: false }, 0],
  ];
  for (const [who, expected, over, mark] of cases)
    it(`${expected ? 'are' : 'are not those'} ${who}`, () =>
      assert.equal(isLeftover(settings, { ...person, ...over }, mark), expected));

  let ids = 0;
  const fresh = (): Omit<PlanRecord, 'reason'> => ({
    ...{ planId: `plan ${++ids}`, integrationId: settings.integrationId, tenantId: settings.tenantId },
    ...{ groupId: settings.groupId, candidates: [], inScope: 9, state: 'waiting', createdAt: at(9), updatedAt: at(9) },
    ...{ decidedAt: null, decidedBy: null },
  });
  const leave = (userId: string): Removal => ({ userId, why: 'left-group', inScope: true });

  it('may go at once, in plans of no more people than one holds', () => {
    const plans = allowLeftovers([], ['ann', 'bob', 'cy'].map(leave), { fresh, most: 2 });
    assert.deepEqual(
      plans.map(({ state, candidates }) => [state, candidates.map(({ userId, state: is }) => `${userId} ${is}`)]),
      [
        ['allowed', ['ann allowed', 'bob allowed']],
        ['allowed', ['cy allowed']],
      ],
    );
    assert.deepEqual([plans[0]?.decidedBy, plans[0]?.decidedAt], ['Muster, by rule', at(9)]);
    assert.match(plans[0]?.reason ?? '', /^2 of 9 people in scope came with the documents of an integration/);
  });

  it('go by the answer that somebody gave before, and wait no more', () => {
    const named = (userId: string, state: CandidateState) => ({ userId, why: 'group-vanished' as const, state });
    const candidates = [named('ann', 'refused'), named('bob', 'allowed'), named('cy', 'waiting')];
    const plans = allowLeftovers([{ ...fresh(), reason: 'gone', candidates }], ['ann', 'bob', 'cy', 'dee'].map(leave), {
      fresh,
    });
    assert.deepEqual(
      plans.flatMap((plan) => plan.candidates.map(({ userId }) => userId)),
      ['cy', 'dee'],
    );
    assert.deepEqual(allowLeftovers([], [], { fresh }), []);
  });
});
