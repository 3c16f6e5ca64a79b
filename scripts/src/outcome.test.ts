import assert from 'node:assert/strict';
import { createSteps, summarise, toExitCode, toOutcome, type Outcome } from './outcome.js';

describe('the outcome of a step', () => {
  it('is told by its exit status, and any other status is a failure', () => {
    for (const outcome of ['passed', 'failed', 'skipped'] satisfies Outcome[])
      assert.equal(toOutcome(toExitCode(outcome)), outcome);
    for (const code of [2, 137, undefined]) assert.equal(toOutcome(code), 'failed');
  });

  it('is named where it was skipped, and counted as neither passed nor failed; the counts stay the last line', () => {
    const steps = createSteps();
    steps.passed = 3;
    steps.failed = 1;
    steps.failures.push('lint');
    steps.skipped.push('audit');
    assert.deepEqual(summarise(steps), ['SKIPPED: audit', 'FAILED: lint', '3 passed, 1 failed']);
  });
});
