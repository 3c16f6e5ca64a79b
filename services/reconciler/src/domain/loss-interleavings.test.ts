import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anyHistory, ASKED_SINCE, at, runHistory } from '../../test/support/loss-history.js';

describe('the loss meter, in any interleaving of notifications, sweeps that may fail, lost tokens and other reads', () => {
  it('counts each change once: lost are those whose notification was dropped, all others are announced', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const since = at(ASKED_SINCE);
        const asked = runHistory(history).filter(({ to, readUntil }) => to >= since || (readUntil ?? to) >= since);
        const changed = history.people.filter(({ way }) => way !== 'idle').length;
        const dropped = history.people.filter(({ way }) => way === 'dropped').length;
        const [announced, lost] = [
          asked.reduce((sum, one) => sum + one.announced, 0),
          asked.reduce((sum, one) => sum + one.lost, 0),
        ];
        assert.deepEqual({ announced, lost }, { announced: changed - dropped, lost: dropped });
      }),
      { numRuns: 5_000 },
    );
  });
});
