import assert from 'node:assert/strict';
import { toPlanState, type CandidateState, type PlanState } from './plan-record.js';

describe('toPlanState', () => {
  const cases: [CandidateState[], PlanState][] = [
    [['removed', 'refused', 'allowed', 'waiting'], 'waiting'],
    [['removed', 'refused', 'allowed'], 'allowed'],
    [['removed', 'refused', 'stayed'], 'refused'],
    [['removed', 'stayed'], 'done'],
    [['superseded', 'removed'], 'done'],
    [['superseded', 'refused'], 'refused'],
    [[], 'done'],
  ];
  for (const [states, expected] of cases)
    it(`is ${expected} with ${states.join(', ') || 'nobody'}`, () =>
      assert.equal(toPlanState(states.map((state) => ({ state }))), expected));
});
