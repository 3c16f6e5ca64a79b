import assert from 'node:assert/strict';
import { createLogger } from '@muster/telemetry';
import { createLifecycle } from './lifecycle.js';
import type { Part } from './part.js';

const logger = createLogger({ service: 'test', level: 'silent' });

function recordingPart(name: string, seen: string[], fail: { start?: boolean; stop?: boolean } = {}): Part {
  const step = (what: 'start' | 'stop') => () => {
    seen.push(`${what} ${name}`);
    return fail[what] ? Promise.reject(new Error(`${what} of ${name} failed`)) : Promise.resolve();
  };
  return { name, start: step('start'), stop: step('stop') };
}

describe('createLifecycle', () => {
  it('starts in order and stops in reverse', async () => {
    const seen: string[] = [];
    const lifecycle = createLifecycle(logger);
    await lifecycle.start([recordingPart('a', seen), recordingPart('b', seen)]);
    assert.deepEqual(await lifecycle.stop(), []);
    assert.deepEqual(seen, ['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops a part that failed to start and those before it, and not those after', async () => {
    const seen: string[] = [];
    const lifecycle = createLifecycle(logger);
    const parts = [recordingPart('a', seen), recordingPart('b', seen, { start: true }), recordingPart('c', seen)];
    await assert.rejects(lifecycle.start(parts), /start of b failed/);
    await lifecycle.stop();
    assert.deepEqual(seen, ['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops the others when one fails to stop, and answers the failure', async () => {
    const seen: string[] = [];
    const lifecycle = createLifecycle(logger);
    await lifecycle.start([recordingPart('a', seen), recordingPart('b', seen, { stop: true })]);
    assert.equal((await lifecycle.stop()).length, 1);
    assert.equal(seen.at(-1), 'stop a');
  });

  it('starts nothing more once it is being stopped', async () => {
    const seen: string[] = [];
    const lifecycle = createLifecycle(logger);
    const stopper: Part = {
      name: 's',
      start: async () => {
        await lifecycle.stop();
      },
      stop: () => Promise.resolve(),
    };
    await lifecycle.start([stopper, recordingPart('late', seen)]);
    assert.deepEqual(seen, []);
  });
});
