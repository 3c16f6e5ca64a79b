import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { createLogger } from '@muster/telemetry';
import { eventually } from '@muster/test-support';
import { createLagBehind } from './lag-behind.js';
import type { Measure } from './measure-lag.js';

const measure = (ms: number): Measure => ({ integrationId: 'one', step: 'total', ms, at: new Date(0) });

/** A store whose writes end when they are let; `fail` makes the next one reject. */
function setup() {
  const written: number[][] = [];
  const held: (() => void)[] = [];
  let fails = false;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const behind = createLagBehind(
    {
      add: async (measures) => {
        await new Promise<void>((resolve) => held.push(resolve));
        if (fails) throw new Error('away');
        written.push(measures.map(({ ms }) => ms));
      },
      canary: () => Promise.resolve(),
    },
    logger,
    5,
  );
  const release = async (): Promise<void> => {
    held.shift()?.();
    await setImmediate();
  };
  return { behind, written, release, fail: (value: boolean) => (fails = value) };
}

describe('lag that is written behind', () => {
  it('keeps nobody waiting, and puts what comes meanwhile into the next write', async () => {
    const { behind, written, release } = setup();
    await behind.add([measure(1)]);
    await behind.add([measure(2)]);
    await behind.add([measure(3), measure(4)]);
    const flushed = behind.flush();
    await release();
    await release();
    await flushed;
    assert.deepEqual(written, [[1], [2, 3, 4]]);
  });

  it('writes by itself what came after a write', async () => {
    const { behind, written, release } = setup();
    await behind.add([measure(1)]);
    await release();
    await behind.add([measure(2)]);
    await eventually(() => release().then(() => written.length === 2));
    assert.deepEqual(written, [[1], [2]]);
  });

  it('goes on after a write that failed', async () => {
    const { behind, written, release, fail } = setup();
    fail(true);
    await behind.add([measure(1)]);
    await behind.add([measure(2)]);
    const flushed = behind.flush();
    await release();
    fail(false);
    await release();
    await flushed;
    assert.deepEqual(written, [[2]]);
  });
});
