import assert from 'node:assert/strict';
import { createLogger } from '@muster/telemetry';
import { createTakeBeside } from './take-beside.js';

const SECOND = 1_000;

/** Works say how long they took by the clock, which stands still else; `hanging` ends when it is let go. */
function setUp() {
  let clock = 0;
  const beside = createTakeBeside({
    patienceMs: 30 * SECOND,
    signal: new AbortController().signal,
    logger: createLogger({ service: 'test', level: 'silent' }),
    elapsed: () => clock,
  });
  const pass = (ms: number): void => void (clock += ms);
  const done: string[] = [];
  let letGo = (): void => undefined;
  const released = new Promise<void>((resolve) => (letGo = resolve));
  const taking = (ms: number, name: string) => () => {
    pass(ms);
    done.push(name);
    return Promise.resolve();
  };
  const hanging = (name: string) => async () => {
    await released;
    done.push(name);
  };
  return { beside, pass, done, taking, hanging, letGo: () => letGo() };
}

describe('takeBeside', () => {
  it('waits for a tenant that is slow each time no longer in a minute than for one that hangs', async () => {
    const { beside, done, taking, hanging, letGo } = setUp();
    await beside.take('slow', taking(20 * SECOND, 'first'));
    await beside.take('slow', taking(20 * SECOND, 'second'));
    // Waiting for it would take 30 s.
    await beside.take('slow', hanging('third'));
    await beside.take('slow', taking(0, 'fourth'));
    await beside.take('quick', taking(0, 'of another'));
    assert.deepEqual(done, ['first', 'second', 'of another']);
    letGo();
    await beside.idle();
    assert.deepEqual(done, ['first', 'second', 'of another', 'third', 'fourth'], 'in their order');
  }).timeout(5 * SECOND);

  it('waits again a minute later, so that what goes wrong is told to who calls', async () => {
    const { beside, pass, taking } = setUp();
    const failing = () => Promise.reject(new Error('no'));
    await beside.take('slow', taking(31 * SECOND, 'first'));
    await beside.take('slow', failing);
    await beside.idle();
    pass(60 * SECOND);
    await assert.rejects(beside.take('slow', failing), /no/);
  });
});
