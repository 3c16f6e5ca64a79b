import assert from 'node:assert/strict';
import { readAll, type Readable } from './read-all.js';

type Event = { partition: number; offset: string };
const at = (partition: number, offset: number): Event => ({ partition, offset: String(offset) });

describe('reading all of a topic', () => {
  /** Holds three events by now, the first of partition 0 is deleted. */
  const logThatReads = (...reads: readonly Event[][]): Readable<Event> => {
    const left = [...reads];
    return {
      lag: () =>
        Promise.resolve([
          { partition: 0, endOffset: '3', lag: 2 },
          { partition: 1, endOffset: '1', lag: 1 },
          { partition: 2, endOffset: '0', lag: 0 },
        ]),
      readNewest: () => Promise.resolve(left.shift() ?? []),
    };
  };
  const all = [at(0, 2), at(1, 0), at(0, 1)];

  it('reads again while some are missing', async () => {
    assert.deepEqual(await readAll(logThatReads([], [at(0, 2)], all), 'requests'), all);
  });

  it('leaves out what came later, also where it would make up the number', async () => {
    const later = [at(0, 3), at(2, 0)];
    assert.deepEqual(await readAll(logThatReads([at(0, 3), at(1, 0), at(0, 2)], [...later, ...all]), 'requests'), all);
  });
});
