import assert from 'node:assert/strict';
import type { DirectoryChange } from '@muster/contracts';
import { createRevisionChains, digestOf, findUntold } from './revision-chains.js';

const change = (person: string, revision: number, observedAt = `2026-01-01T00:00:0${revision}.000Z`, name = 'x') =>
  ({
    id: `users/t/${person}/${revision}`,
    data: { revision, document: { observedAt, displayName: name } },
  }) as unknown as DirectoryChange;

const judge = (...changes: DirectoryChange[]): readonly string[] => {
  const chains = createRevisionChains(() => []);
  for (const one of changes) chains.add(one);
  return chains.broken();
};

describe('revision chains', () => {
  it('are whole when each goes up by one, whatever lies between, and repeats are the same', () => {
    const [a1, a2, b1] = [change('a', 1), change('a', 2), change('b', 1)];
    assert.deepEqual(judge(a1, b1, a2, a1, a2, change('a', 3)), []);
  });

  it('count repeats behind a newer revision, and no other repeat', () => {
    const chains = createRevisionChains(() => []);
    const [a1, a2] = [change('a', 1), change('a', 2)];
    for (const one of [a1, a1, a2, a2, a1, change('b', 1)]) chains.add(one);
    assert.equal(chains.toldBehind(), 1);
  });

  it('are broken by a gap, also at the beginning', () => {
    assert.deepEqual(judge(change('a', 1), change('a', 3)), ['users/t/a goes from revision 1 to 3']);
    assert.equal(judge(change('a', 2)).length, 1);
  });

  it('are broken by a disorder: it is a gap first', () => {
    assert.equal(judge(change('a', 1), change('a', 3), change('a', 2)).length, 1);
  });

  it('are broken by one id with two contents, and by an observation that is older than the one before', () => {
    assert.match(judge(change('a', 1), change('a', 1, undefined, 'y'))[0]!, /two ways/);
    assert.match(judge(change('a', 1), change('a', 2, '2025-01-01T00:00:00.000Z'))[0]!, /before/);
  });

  it('are broken by a change that is not what it says, which is asked of each once, with the document before it', () => {
    const asked: unknown[] = [];
    const chains = createRevisionChains((before, { id }) => {
      asked.push([before && 'displayName' in before ? before.displayName : null, id]);
      return [`${id} lies`];
    });
    for (const one of [change('a', 1), change('a', 1), change('a', 2)]) chains.add(one);
    assert.deepEqual(asked, [
      [null, 'users/t/a/1'],
      ['x', 'users/t/a/2'],
    ]);
    assert.deepEqual(chains.broken(), ['users/t/a/1 lies', 'users/t/a/2 lies']);
  });

  it('are broken by a repeat of an older revision that says something else', () => {
    const again = change('a', 1, undefined, 'y');
    assert.deepEqual(judge(change('a', 1), change('a', 2), again), ['users/t/a/1 was told in two ways']);
  });
});

describe('the departures that were told', () => {
  it('are all of each person, also those that were told in passing; no repeat, and not who is restored outside; admissions, too', () => {
    const chains = createRevisionChains(() => []);
    const told = ['active', 'deleted', 'deleted', 'active', 'out-of-scope', 'deleted', 'out-of-scope'];
    const changes = told.map((status, index) => {
      const one = change('a', index + 1);
      return { ...one, data: { ...one.data, document: { ...one.data.document, status } } } as DirectoryChange;
    });
    for (const [at, one] of [...changes, ...changes].entries()) chains.add(one, at);
    assert.deepEqual(chains.departures().get('t/a'), [
      { status: 'deleted', at: 1 },
      { status: 'out-of-scope', at: 4 },
      { status: 'deleted', at: 5 },
    ]);
    const seenAt = Date.parse(changes[3]!.data.document.observedAt);
    assert.deepEqual(chains.admissions().get('t/a'), [{ at: 3, seenAt }]);
  });
});

describe('the end of the feed', () => {
  const find = (documents: Record<string, number>, ...changes: DirectoryChange[]): string[] => {
    const chains = createRevisionChains(() => []);
    for (const one of changes) chains.add(one);
    const entries = Object.entries(documents).map(([key, revision]) => [key, { revision, digest: SAME }] as const);
    return findUntold(chains.ends(), new Map(entries));
  };
  const SAME = digestOf({ displayName: 'x', observedAt: 'of a later read' });

  it('is whole when the last revision that was told is each document’s, also behind a repeat', () => {
    const told = [change('a', 1), change('b', 1), change('a', 2), change('a', 1)];
    assert.deepEqual(find({ 'users/t/a': 2, 'users/t/b': 1 }, ...told), []);
  });

  it('lacks a last change that was written and never told, and a document of which nothing was told', () => {
    assert.deepEqual(find({ 'users/t/a': 2, 'mfa/t/a': 1 }, change('a', 1)), [
      'users/t/a is at revision 2 and was told up to 1',
      'mfa/t/a is at revision 1 and was told up to 0',
    ]);
  });

  it('tells a document that says something else than what was told', () => {
    const told = change('a', 1, undefined, 'y');
    assert.deepEqual(find({ 'users/t/a': 1 }, told), [
      'users/t/a says something else than what was told at revision 1',
    ]);
  });

  it('tells what no document has: a revision that is not written, a document that is gone', () => {
    assert.equal(find({ 'users/t/a': 1 }, change('a', 1), change('a', 2)).length, 1);
    assert.match(find({}, change('a', 1))[0]!, /no document/);
  });
});
