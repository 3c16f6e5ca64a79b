import assert from 'node:assert/strict';
import { startChaosSystem, type ChaosSystem } from '../chaos/chaos-system.js';
import { keepEvidence } from '../chaos/keep-evidence.js';
import { createOracle, isClean, tell, type Oracle } from '../chaos/oracle.js';
import { createRandom, toBrief } from '../chaos/random.js';
import { FAULT_GROUPS, heal, runChaos, setActivity } from '../chaos/run-chaos.js';

const CHANGES_PER_SECOND = 20;
const CONVERGES_WITHIN_MS = 150_000;

/** Each row strikes once while people change; then everything is compared. `docs/fault-matrix.md` lists the rows. */
describe('the fault matrix', function () {
  this.timeout(300_000);
  let chaos: ChaosSystem;
  let oracle: Oracle;
  const random = toBrief(createRandom(1));
  before(async () => {
    chaos = await startChaosSystem();
    oracle = await createOracle(chaos);
  });
  after(async () => {
    await oracle.stop();
    await chaos.stop();
  });

  for (const [name, faults] of FAULT_GROUPS)
    describe(name, () => {
      before(() => setActivity(chaos, CHANGES_PER_SECOND, random.between(1, 1_000)));
      for (const { row, strike } of faults)
        it(row, async () => {
          try {
            await strike({ ...chaos, random });
          } finally {
            await heal(chaos);
          }
        });
      it('nothing is lost, wrong, out of order or older than before', async () => {
        await setActivity(chaos, 0);
        const verdict = await oracle.converge(CONVERGES_WITHIN_MS);
        if (!isClean(verdict)) await keepEvidence(chaos);
        assert.deepEqual(tell(verdict).slice(0, 20), []);
        assert.ok(verdict.acknowledged > 0 && verdict.chains > 0);
      });
    });

  it('pnpm chaos in its small form: faults of a minute at random', async () => {
    const settings = {
      seed: 8,
      minutes: 0.5,
      changesPerSecond: CHANGES_PER_SECOND,
      convergeWithinMs: CONVERGES_WITHIN_MS,
    };
    const report = await runChaos(chaos, settings, oracle);
    assert.deepEqual([...report.failedFaults, ...tell(report), ...report.unheard].slice(0, 20), []);
    assert.ok(Object.values(report.faults).some((count) => count > 0));
  });
});
