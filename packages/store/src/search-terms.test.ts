import assert from 'node:assert/strict';
import { toSearchTerms, toSearchWords } from './search-terms.js';

const finds = (search: string, ...fields: (string | null)[]): boolean => {
  const terms = toSearchTerms(fields);
  return toSearchWords(search).every((word) => terms.some((term) => term.startsWith(word)));
};

describe('search by the beginnings of words', () => {
  it('finds a person by the start of any word, without case or accents', () => {
    for (const search of ['zo', 'ZOË', 'ang', 'Ångström zoe', 'sales']) {
      assert.ok(finds(search, 'Zoë (Sales) Ångström', null), search);
    }
  });

  it('finds an address by its start, whole, and by its parts', () => {
    for (const search of ['anna.berg@ex', 'berg', 'example', 'anna.b']) {
      assert.ok(finds(search, 'anna.berg@example.com'), search);
    }
  });

  it('does not find the middle of a word, nor when one of two words is missing', () => {
    for (const search of ['nna', 'anna smith']) assert.ok(!finds(search, 'Anna Berg'), search);
  });
});
