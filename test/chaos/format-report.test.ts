import assert from 'node:assert/strict';
import { formatReport, isGood, judgeGoals } from './format-report.js';
import type { ChaosReport } from './run-chaos.js';

const report = (differs: Partial<ChaosReport> = {}): ChaosReport => ({
  seed: 1,
  minutes: 30,
  faults: { 'Kafka: stalls': 3, 'admin: kill -9': 4 },
  strikes: [{ row: 'admin: kill -9', onTop: null, begunAt: 1, endedAt: 3 }],
  failedFaults: [],
  changes: { made: 90_000, seconds: 1_800 },
  convergedAfterMs: 360_000,
  sent: 1,
  acknowledged: 1,
  people: 1,
  chains: 1,
  looks: 2,
  seenAgain: 1,
  toldBehind: 0,
  unheard: [],
  ended: [],
  lost: [],
  wrong: [],
  falselyTold: [],
  putAside: [],
  brokenChains: [],
  wentBack: [],
  ...differs,
});
const unmet = (differs: Partial<ChaosReport>): string[] =>
  judgeGoals(report(differs)).flatMap(({ what, met }) => (met ? [] : [what]));

describe('the report of a chaos run', () => {
  it('is good at the very goals, and names each as met', () => {
    assert.equal(isGood(report()), true);
    assert.equal(formatReport(report()).match(/^goal: .* met \(/gm)?.length, 3);
  });

  it('is not good when a kind of fault struck less often, when less changed or it converged late; says which', () => {
    const cases: [Partial<ChaosReport>, RegExp][] = [
      [{ faults: { 'Kafka: stalls': 2, 'admin: kill -9': 4, 'Graph: gone': 0 } }, /3 times/],
      [{ faults: {} }, /3 times/],
      [{ changes: { made: 89_999, seconds: 1_800 } }, /50 changes a second/],
      [{ convergedAfterMs: 360_001 }, /within 360 s/],
    ];
    for (const [differs, what] of cases) {
      assert.equal(isGood(report(differs)), false);
      assert.equal(unmet(differs).length, 1);
      assert.match(unmet(differs)[0]!, what);
      assert.equal(formatReport(report(differs)).match(/NOT MET/g)?.length, 1);
    }
    assert.match(formatReport(report(cases[0]![0])), /fewer: Kafka: stalls \(2\), Graph: gone \(0\)/);
  });

  it('asks no such thing of a shorter run, which must be right all the same', () => {
    const short = { minutes: 0.75, faults: { 'admin: kill -9': 1, 'Kafka: stalls': 0 } };
    assert.equal(isGood(report(short)), true);
    assert.doesNotMatch(formatReport(report(short)), /goal|Kafka: stalls/);
    assert.match(formatReport(report(short)), /^kinds of them +1 of 2$/m);
    for (const bad of [
      'lost',
      'wrong',
      'falselyTold',
      'putAside',
      'brokenChains',
      'wentBack',
      'failedFaults',
      'unheard',
    ])
      assert.equal(isGood(report({ ...short, [bad]: ['x'] })), false, bad);
  });

  it('is not good where nothing was taken, or nothing followed: that proves nothing', () => {
    assert.equal(isGood(report({ acknowledged: 0 })), false);
    assert.equal(isGood(report({ chains: 0 })), false);
    assert.equal(isGood(report({ seenAgain: 0 })), false);
  });
});
