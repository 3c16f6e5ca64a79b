import assert from 'node:assert/strict';
import type { TopicLag } from '@muster/event-log';
import { createCaughtUp } from './caught-up.js';

/** A projector of one partition a topic; `work` is what it does while somebody waits. */
function createProjector(work: (behind: { committed: number; end: number }) => void) {
  const behind = { committed: 0, end: 0 };
  let time = 1_000_000;
  const pauses: number[] = [];
  const lag = (_group: string, [topic]: readonly TopicLag['topic'][]): Promise<TopicLag[]> => {
    const { committed, end } = topic === 'notifications' ? behind : { committed: 0, end: 0 };
    const partition = { partition: 0, endOffset: `${end}`, committedOffset: committed === 0 ? null : `${committed}` };
    return Promise.resolve(topic ? [{ topic, ...partition, lag: Math.max(0, end - committed) }] : []);
  };
  const pause = (ms: number): Promise<void> => {
    pauses.push(ms);
    time += ms;
    work(behind);
    return Promise.resolve();
  };
  const caughtUp = createCaughtUp({ log: { lag }, pause, now: () => new Date(time) });
  return { behind, pauses, caughtUp, later: (ms: number) => void (time += ms) };
}

describe('whether the projector has caught up', () => {
  it('is told at once when nothing waits', async () => {
    const { caughtUp, pauses } = createProjector(() => undefined);
    assert.deepEqual([await caughtUp(), pauses], [true, []]);
  });

  it('is so once it has what was there at the question, though more comes all the time', async () => {
    const { caughtUp, behind, pauses } = createProjector((one) => {
      one.committed += 5;
      one.end += 5;
    });
    behind.end = 12;
    assert.equal(await caughtUp(), true);
    assert.equal(pauses.length, 3);
  });

  it('is not so where the topic was made anew, and ends ahead of what the group has', async () => {
    const { caughtUp, behind } = createProjector(() => undefined);
    behind.committed = 9;
    behind.end = 3;
    assert.equal(await caughtUp(), false);
  });

  it('is not so after a second, and is not waited for again at once; but it is once nothing waits', async () => {
    const { caughtUp, behind, pauses, later } = createProjector((one) => void (one.end += 1));
    behind.end = 1;
    assert.equal(await caughtUp(), false);
    const waited = pauses.length;
    assert.equal(waited, 20);
    assert.equal(await caughtUp(), false);
    assert.equal(pauses.length, waited);
    behind.committed = behind.end;
    assert.equal(await caughtUp(), true);
    behind.end += 1;
    later(60_000);
    assert.equal(await caughtUp(), false);
    assert.equal(pauses.length, 2 * waited);
  });
});
