import assert from 'node:assert/strict';
import { startChaosSystem, type ChaosSystem } from '../chaos/chaos-system.js';
import type { Fault } from '../chaos/fault.js';
import { GRAPH_FAULTS } from '../chaos/graph-faults.js';
import { LOG_FAULTS } from '../chaos/log-faults.js';
import { NETWORK_FAULTS } from '../chaos/network-faults.js';
import { createOracle, tell, type Oracle } from '../chaos/oracle.js';
import { PROCESS_FAULTS } from '../chaos/process-faults.js';
import { createRandom, toBrief } from '../chaos/random.js';
import { heal, runChaos, setActivity } from '../chaos/run-chaos.js';

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

  const GROUPS: readonly [string, readonly Fault[]][] = [
    ['processes and servers that die and stall', PROCESS_FAULTS],
    ['networks that are ill', NETWORK_FAULTS],
    ['what Graph does', GRAPH_FAULTS],
    ['what is in the log', LOG_FAULTS],
  ];
  for (const [name, faults] of GROUPS)
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
    assert.deepEqual([...report.failedFaults, ...tell(report)].slice(0, 20), []);
    assert.ok(Object.values(report.faults).some((count) => count > 0));
  });
});
