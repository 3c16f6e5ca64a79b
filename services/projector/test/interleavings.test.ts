import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  at,
  anyInterleaving,
  everyone,
  grouped,
  groupId,
  run,
  start,
  toBatches,
  toSeen,
  visible,
} from './interleavings.js';

const userId = '20000000-0000-4000-8000-000000000000';
const RUNS = 42_000;

describe('any interleaving of what reads saw of a person', () => {
  for (const [what, scope] of [
    ['without a group', everyone],
    ['with a group', grouped],
  ] as const)
    it(`gives the same document, in any order, repetition and batches, numbered without a gap: ${what}`, () => {
      const from = start(scope, userId);
      fc.assert(
        fc.property(anyInterleaving, (interleaving) => {
          const inOrder = interleaving.codes.map((code) => [toSeen(userId, code)]);
          const expected = run(scope, inOrder, from).known?.document;
          const { known, revisions } = run(scope, toBatches(userId, interleaving), from);
          if (visible(known?.document) !== visible(expected))
            assert.fail(`${visible(known?.document)} in another order is ${visible(expected)}`);
          for (const [index, revision] of revisions.entries()) assert.equal(revision, index + 2);
        }),
        { numRuns: RUNS },
      );
    }).timeout(60_000);

  it('with rows of full reads between, ends at what the newest read saw, and nothing older moves it any more', () => {
    const from = start(grouped, userId);
    fc.assert(
      fc.property(anyInterleaving, fc.nat({ max: 127 }), fc.nat(), (interleaving, full, last) => {
        const batches = toBatches(userId, interleaving).map((batch) =>
          batch.map((seen, index) => ((full >> index) & 1 ? { ...seen, source: 'full' as const } : seen)),
        );
        const membership = { groupId, inGroup: last % 2 === 0, groupPath: last % 2 === 0 ? [groupId] : [] };
        const { user = null } = toSeen(userId, last);
        const closing = { userId, observedAt: at(60_000), source: 'delta' as const, user, membership };
        const { known } = run(grouped, [...batches, [closing]], from);
        assert.equal(visible(known?.document), visible(run(grouped, [[closing]], from).known?.document));
        const again = run(grouped, batches, known);
        assert.deepEqual([again.changes, visible(again.known?.document)], [[], visible(known?.document)]);
      }),
      { numRuns: RUNS / 2 },
    );
  }).timeout(60_000);
});
