import assert from 'node:assert/strict';
import { createBackTracker, readDocuments, toFeedKeys, type Seen } from './watch-documents.js';

const at = (revision: number, second = revision): Seen => ({
  revision,
  observedAt: `2026-01-01T00:00:0${second}.000Z`,
});
const judge = (...looks: Record<string, Seen>[]): string[] => {
  const { add, wentBack } = createBackTracker();
  for (const look of looks) add(new Map(Object.entries(look)));
  return wentBack();
};

describe('documents that are watched', () => {
  it('may stay, be observed later, and go on; each of both kinds for itself', () => {
    assert.deepEqual(judge({ 'users/t/a': at(2) }, { 'mfa/t/a': at(1) }, { 'users/t/a': at(2, 3) }), []);
  });

  it('went back when a revision or an observation is less than before, of people and of their MFA', () => {
    assert.deepEqual(judge({ 'users/t/a': at(2) }, { 'users/t/a': at(1, 2) }), [
      'users/t/a went from 2 at 2026-01-01T00:00:02.000Z to 1 at 2026-01-01T00:00:02.000Z',
    ]);
    assert.equal(judge({ 'mfa/t/a': at(2) }, { 'mfa/t/a': at(2, 1) }).length, 1);
  });

  it('are all read, some at a time: people whatever their state, and MFA rows also of whoever has no document', async () => {
    const named = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `id-${from + index}`);
    const listed = (ids: readonly string[]) =>
      async function* () {
        for (const userId of ids) yield await Promise.resolve({ userId });
      };
    const most: number[] = [];
    const load = (keys: readonly string[]) => {
      most.push(keys.length);
      return Promise.resolve(new Map(keys.map((key) => [key, { document: at(2) }])));
    };
    const people = {
      users: { ids: listed(named(250)), deletedIds: listed(named(50, 250)), load },
      mfa: { ids: listed(named(450)), load },
    } as unknown as Parameters<typeof readDocuments>[0];
    const seen = new Set<string>();
    for await (const some of readDocuments(people, 't')) for (const key of toFeedKeys(some).keys()) seen.add(key);
    assert.equal([...seen].filter((key) => key.startsWith('users/t/id-')).length, 300);
    assert.equal([...seen].filter((key) => key.startsWith('mfa/t/id-')).length, 450);
    assert.deepEqual(most, [200, 100, 200, 200, 50]);
  });
});
