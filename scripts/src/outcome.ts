export type Outcome = 'passed' | 'failed' | 'skipped';

/** Exit status of a step that could not be done here, and so proves nothing; automake's. */
const SKIPPED = 77;

export const toOutcome = (code: number | undefined): Outcome =>
  code === 0 ? 'passed' : code === SKIPPED ? 'skipped' : 'failed';

export const toExitCode = (outcome: Outcome): number => ({ passed: 0, failed: 1, skipped: SKIPPED })[outcome];

export type Steps = { passed: number; failed: number; readonly failures: string[]; readonly skipped: string[] };

export const createSteps = (): Steps => ({ passed: 0, failed: 0, failures: [], skipped: [] });

/** The end of a run: what failed and what was not done by name, and as the last line the counts, which hold neither more nor less. */
export const summarise = ({ passed, failed, failures, skipped }: Steps): string[] => [
  ...skipped.map((what) => `SKIPPED: ${what}`),
  ...failures.map((what) => `FAILED: ${what}`),
  `${passed} passed, ${failed} failed`,
];
