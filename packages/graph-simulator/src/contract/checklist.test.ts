import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { Runnable, Suite } from 'mocha';

/** Where the number stands at the suite, as with sign-in, it counts for all its tests. */
const titlesIn = (suite: Suite): string[] => [
  ...suite.tests.map(({ title }) => (/^8\.\d/.test(suite.title) ? `${suite.title} ${title}` : title)),
  ...suite.suites.flatMap((inner) => titlesIn(inner)),
];
/** By their last part; a run may be of some files only. */
const filesIn = (suite: Suite): string[] => [
  ...suite.tests.map(({ file }) => basename(file ?? '')),
  ...suite.suites.flatMap((inner) => filesIn(inner)),
];
const rootOf = (runnable: Runnable): Suite => {
  let suite = runnable.parent;
  while (suite?.parent !== undefined) suite = suite.parent;
  assert.ok(suite);
  return suite;
};
type Entry = { readonly title: string; readonly file: string };
type Run = { readonly existing: readonly string[]; readonly loaded: ReadonlySet<string> };

const repeated = (titles: readonly string[]) => titles.filter((title, index) => titles.indexOf(title) !== index);
/** What the list says and the tests do not, and the other way round; of the files that this run holds. */
const compare = (entries: readonly Entry[], { existing, loaded }: Run) => {
  const listed = entries.map(({ title }) => title);
  return {
    unlisted: existing.filter((title) => !listed.includes(title)),
    gone: entries.filter(({ file, title }) => loaded.has(file) && !existing.includes(title)).map(({ title }) => title),
    twice: [...repeated(existing), ...repeated(listed)],
  };
};
const AGREED = { unlisted: [], gone: [], twice: [] };
/** Tests of the simulator on disk, loaded or not. */
const testFiles = () =>
  new Set(
    readdirSync(new URL('..', import.meta.url), { recursive: true, encoding: 'utf8' }).map((path) => basename(path)),
  );

const TITLE = /^- \[x\] (.+) \(`([^`]+)`\)$/gm;
const NUMBERED = /^[1-8](\.\d)?( (and|to) \d\.\d)? /;
/** Every number of the contract's table 8.3. */
const ERRORS = [
  ...[7000215, 7000222, 700016, 7000229, 90002, 900023, 65001, 90094, 90095, 65004, 650056, 650057, 500011, 50020],
  ...[53003, 700082, 70008, 70043, 54005, 7000112, 90033, 90024, 90090],
];

describe('the checklist CONTRACT.md', () => {
  const text = readFileSync(new URL('../../CONTRACT.md', import.meta.url), 'utf8');
  const entries = [...text.matchAll(TITLE)].map(([, title = '', file = '']) => ({ title, file }));
  const listed = entries.map(({ title }) => title);

  it('names every section from 1.1 to 8', () => {
    const sections = [...text.matchAll(/^## (\S+) /gm)].map(([, section]) => section);
    const wanted = '1.1 1.2 1.3 1.4 1.5 1.6 1.7 2 3.1 3.2 3.3 3.4 3.5 3.6 3.7 4 5.1 5.2 5.3 5.4 6.1 6.2 7 8';
    assert.deepEqual(sections, wanted.split(' '));
  });

  it('names every error of 8.3 in a test', () => {
    const named = listed.filter((title) => title.startsWith('8.')).join(' ');
    assert.deepEqual(
      ERRORS.filter((number) => !new RegExp(`\\b(AADSTS)?${number}\\b`).test(named)),
      [],
    );
  });

  it('lists the contract tests that exist, all of them and no other', function () {
    assert.ok(this.test);
    const root = rootOf(this.test);
    const existing = titlesIn(root).filter((title) => NUMBERED.test(title));
    assert.deepEqual(compare(entries, { existing, loaded: new Set(filesIn(root)) }), AGREED);
    assert.ok(listed.length > 200, `${listed.length}`);
  });

  it('names files that exist, so that a whole file cannot vanish unseen', () => {
    const files = testFiles();
    assert.deepEqual(
      entries.filter(({ file }) => !files.has(file)),
      [],
    );
    assert.equal(files.has('section-9-none.test.ts'), false);
  });

  it('would say so if a test vanished, were renamed, or stood twice', () => {
    const run = { existing: listed, loaded: new Set(entries.map(({ file }) => file)) };
    assert.deepEqual(compare(entries, run), AGREED);
    const [first = '', second = '', ...others] = listed;
    assert.deepEqual(compare(entries, { ...run, existing: [second, ...others] }), { ...AGREED, gone: [first] });
    assert.deepEqual(compare(entries, { ...run, existing: ['1.1 renamed', second, ...others] }), {
      ...AGREED,
      unlisted: ['1.1 renamed'],
      gone: [first],
    });
    assert.deepEqual(compare(entries, { ...run, existing: [first, ...listed] }), { ...AGREED, twice: [first] });
  });
});
