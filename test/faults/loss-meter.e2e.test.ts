import assert from 'node:assert/strict';
import { LOSS_ENV, measureLoss, waitForTruth } from '../src/measure-loss.js';
import { startTestSystem, type System } from '../src/system.js';

const PEOPLE = 5_000;

describe('what notifications missed, at size', () => {
  let system: System;
  before(async () => {
    system = await startTestSystem({ label: 'loss-meter', env: LOSS_ENV });
  });
  after(() => system.stop());

  it('5,000 people change once each, one notification in ten is dropped: the meter says so, the picture is true', async () => {
    const { loss, dropped, connected } = await measureLoss(system, PEOPLE, 300_000);
    await waitForTruth(system, connected.tenant, 60_000);
    assert.ok(Math.abs(loss.lost - dropped) <= PEOPLE * 0.005, `${loss.lost} lost, ${dropped} were dropped`);
    assert.ok(Math.abs(loss.share - 0.1) <= 0.01, `the meter says ${loss.share}`);
  }).timeout(700_000);
});
