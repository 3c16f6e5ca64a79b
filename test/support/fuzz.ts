import assert from 'node:assert/strict';

/**
 * How many inputs a fuzz test tries: `short` in the suites; MUSTER_FUZZ_RUNS for the long form, in which a failure also
 * tells its seed (MUSTER_FUZZ_SEED tries that one again). Mocha's time limit is lifted for the long form.
 */
export function fuzzRuns(short: number): { readonly numRuns: number; readonly seed?: number } {
  const { MUSTER_FUZZ_RUNS: runs, MUSTER_FUZZ_SEED: seed } = process.env;
  return { numRuns: runs ? Number(runs) : short, ...(seed ? { seed: Number(seed) } : {}) };
}

/** For `this.timeout` of a fuzz test. */
export const fuzzTimeout = (shortMs: number): number => (process.env['MUSTER_FUZZ_RUNS'] ? 0 : shortMs);

/** A tenth of the inputs must come out as good ones do: where hardly any is taken, nothing is shown of the rest. */
export const assertTenth = (good: number, numRuns: number, what: string): void =>
  assert.ok(good >= numRuns / 10, `${good} of ${numRuns} ${what}: the rest shows little`);
