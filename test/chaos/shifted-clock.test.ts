import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@muster/test-support';
import { setClocks } from '../src/set-clocks.js';

const MINUTE = 60_000;

describe('a clock in the hand of a test', () => {
  const clocks = setClocks();
  const stops: (() => void)[] = [];
  after(() => {
    for (const stop of stops) stop();
    clocks.remove();
  });

  /** Looks at its clock when it is asked to, and never else: by how many minutes it is ahead. */
  function startIdle() {
    const script = `process.stdin.on('data', () => console.log(Date.now()))`;
    const env = { ...process.env, NODE_OPTIONS: clocks.nodeOptions };
    const child = spawn(process.execPath, ['-e', script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    stops.push(() => child.kill());
    const lines = createInterface({ input: child.stdout });
    return async (): Promise<string> => {
      const answer = once(lines, 'line');
      child.stdin.write('?');
      const [line] = await answer;
      return ((Number(line) - Date.now()) / MINUTE).toFixed(0).replace('-0', '0');
    };
  }

  it('whoever was idle during a jump has made it before the next one begins', async () => {
    const [idle, other] = [startIdle(), startIdle()];
    assert.deepEqual([await idle(), await other()], ['0', '0']);
    clocks.set(MINUTE);
    await eventually(async () => (await other()) === '1', { what: 'the jump' });
    clocks.set(2 * MINUTE);
    // Both have read of the next jump by then, and it is not due before 400 ms.
    await sleep(150);
    assert.deepEqual([await idle(), await other()], ['1', '1']);
  });
});
