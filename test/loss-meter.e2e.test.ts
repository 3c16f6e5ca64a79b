import assert from 'node:assert/strict';
import { LOSS_ENV, measureLoss, waitForTruth } from './src/measure-loss.js';
import { startTestSystem, type System } from './src/system.js';

const PEOPLE = 500;

/** At 5,000 people: `faults/loss-meter.e2e.test.ts`. */
describe('what notifications missed', () => {
  let system: System;
  before(async () => {
    system = await startTestSystem({ label: 'loss-meter-small', env: LOSS_ENV });
  });
  after(() => system.stop());

  it('each change is announced or lost, those that Graph dropped are the lost ones, and the picture is true', async () => {
    const { loss, dropped, connected } = await measureLoss(system, PEOPLE, 120_000);
    await waitForTruth(system, connected.tenant, 60_000);
    assert.ok(dropped > 0);
    assert.deepEqual([loss.announced, loss.lost], [PEOPLE - dropped, dropped]);
  });
});
