import assert from 'node:assert/strict';
import { setUpReads } from '../test/support/full-reads.js';

const MINUTE = 60_000;

describe('the full read behind a lost token', () => {
  const setUp = () => {
    const { ports, tenant, run } = setUpReads();
    const { integrationId } = tenant.settings;
    const read = async () => {
      assert.equal((await run()).state, 'complete');
      return ports.cursors.get(`${integrationId}/users`)!.takenAt;
    };
    const lose = (): void => {
      const held = ports.cursors.get(`${integrationId}/users`)!;
      const resetAt = ports.clock.now.toISOString();
      ports.cursors.set(`${integrationId}/users`, { ...held, links: [], resetAt, everyMs: 3 * MINUTE });
    };
    const pass = (minutes: number): void => {
      ports.clock.now = new Date(ports.clock.now.getTime() + minutes * MINUTE);
    };
    return { ports, read, lose, pass };
  };

  for (const [minutes, state] of [
    [4, 'by-sweep'],
    [120, 'blind'],
  ] as const)
    it(`closes the interval in the ledger, which nobody else can: ${minutes} min are ${state}`, async () => {
      const { ports, read, lose, pass } = setUp();
      const from = await read();
      assert.equal(ports.sweeps.length, 0, 'ahead of the first one there is nothing to close');
      pass(minutes);
      await read();
      assert.equal(ports.sweeps.length, 0, 'a token that is of use goes on');
      lose();
      const to = await read();
      assert.deepEqual(
        ports.sweeps.map((sweep) => [sweep.from, sweep.to, sweep.state]),
        [[from, to, state]],
      );
      assert.notEqual(ports.sweeps[0]?.judgedAt, null);
    });
});
