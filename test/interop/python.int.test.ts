import assert from 'node:assert/strict';
import { listPythonTests, runPythonTests } from './python-suite.js';
import type { PythonRun } from './python-suite.js';

const MINUTE = 60_000;

describe("the simulator, as Microsoft's SDKs for Python see it", () => {
  const declared = listPythonTests();
  let run: PythonRun;

  before(async function () {
    // The SDK has some ten thousand files: they are installed once, and compiled when they are first read.
    this.timeout(15 * MINUTE);
    run = await runPythonTests();
  });

  it('runs every test that is declared, and no other', () => {
    assert.ok(declared.length > 0);
    assert.deepEqual([...run.results.keys()].sort(), declared.map(({ id }) => id).sort(), run.output);
  });

  for (const { id, title } of declared) {
    it(title, () => assert.equal(run.results.get(id) ?? 'it did not run', ''));
  }

  it('ends well', () => assert.equal(run.code, 0, run.output));
});
