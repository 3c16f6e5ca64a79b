import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SeenUser } from '../src/domain/project-user.js';
import {
  at,
  anyInterleaving,
  anyMixed,
  content,
  everyone,
  grouped,
  run,
  start,
  toBatches,
  toMixed,
  toSeen,
  visible,
} from './interleavings.js';

const userId = '20000000-0000-4000-8000-000000000000';
const RUNS = 42_000;
const FRESH_MS = 15 * 60_000;

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

  for (const [what, scope] of [
    ['without a group', everyone],
    ['with a group', grouped],
  ] as const)
    it(`with rows of full reads, first documents and fresh ones, ends at what the newest sight says: ${what}`, () => {
      const seen = { rereads: 0, inserts: 0, stale: 0 };
      fc.assert(
        fc.property(anyMixed, (mixed) => {
          const { from, batches, closing, clock } = toMixed(userId, scope, mixed);
          const { known, revisions, rereads } = run(scope, batches, from, { clock, reread: closing });
          const expected = run(scope, [[closing]], from).known?.document;
          if (content(known?.document) !== content(expected))
            assert.fail(`${content(known?.document)} is not ${content(expected)}`);
          for (const [index, revision] of revisions.entries()) assert.equal(revision, index + (from ? 2 : 1));
          const ended = clock(batches.length - 1);
          const again = run(scope, batches, known, { clock: () => ended, reread: closing });
          assert.deepEqual([again.changes, content(again.known?.document)], [[], content(expected)]);
          if (known && ended.getTime() - Date.parse(known.document.changedAt) < FRESH_MS) {
            // A replica that lags answers a full read newly with what is old.
            const stale: SeenUser = { ...toSeen(userId, mixed.closing), source: 'full', observedAt: at(61_000) };
            const reread = { ...closing, observedAt: at(62_000) };
            const after = run(scope, [[stale]], known, { clock: () => ended, reread });
            assert.equal(content(after.known?.document), content(expected));
            seen.stale += after.rereads;
          }
          seen.rereads += rereads;
          seen.inserts += from ? 0 : 1;
        }),
        { numRuns: RUNS / 2 },
      );
      assert.ok(Math.min(seen.rereads, seen.stale) > RUNS / 100 && seen.inserts > RUNS / 10, JSON.stringify(seen));
    }).timeout(60_000);
});
