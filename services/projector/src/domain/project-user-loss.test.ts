import assert from 'node:assert/strict';
import {
  at as atMs,
  everyone,
  groupId,
  grouped,
  now,
  person as toPerson,
  run as runAll,
} from '../../test/interleavings.js';
import { asNotified, projectUser, withoutRemoval, type KnownUser, type SeenUser } from './project-user.js';

const userId = '20000000-0000-4000-8000-000000000000';
const at = (second: number): string => atMs(second * 1_000);
const person = (fields: Parameters<typeof toPerson>[1] = {}) => toPerson(userId, fields);
const seen = (second: number, fields: Partial<SeenUser>): SeenUser => ({
  userId,
  observedAt: at(second),
  source: 'notification',
  ...fields,
});
/** Second at which all of it is taken in. */
const TAKEN = 30;
const run = (
  scope: typeof everyone,
  observations: SeenUser[],
  { start = null, taken = TAKEN }: { start?: KnownUser | null; taken?: number } = {},
): KnownUser | null =>
  runAll(
    scope,
    observations.map((one) => [one]),
    start,
    { clock: () => new Date(at(taken)) },
  ).known;

describe('projectUser for the loss meter', () => {
  const named = (second: number, fields: Partial<SeenUser>): SeenUser => seen(second, { ...fields, isNotified: true });
  const first = run(everyone, [named(1, { user: person() })]);
  // Long ago, or a full read would have to ask again.
  const start = first && { ...first, document: { ...first.document, changedAt: at(-86_400) } };
  const factsAfter = (...observations: SeenUser[]) => {
    const { notifiedAt, foundAt } = run(everyone, observations, { start })?.facts ?? {};
    return [notifiedAt, foundAt];
  };
  const renamed = { user: person({ displayName: 'Berta' }) };

  it('keeps the last read that a notification asked for, whatever else reads the person', () => {
    assert.deepEqual(factsAfter(), [at(1), undefined]);
    assert.deepEqual(factsAfter(named(4, renamed), named(3, {}), seen(5, { ...renamed, source: 'delta' })), [
      at(4),
      undefined,
    ]);
  });

  for (const source of ['delta', 'full', 'request', 'notification'] as const)
    it(`keeps when a change was taken in that a read came upon for which no notification had asked: ${source}`, () => {
      const found = seen(2, { ...renamed, source });
      assert.deepEqual(factsAfter(found), [at(1), at(TAKEN)]);
      const { facts } = run(everyone, [found], { start, taken: 1 }) ?? {};
      assert.equal(facts?.foundAt, at(2), 'a clock that is behind does not date it before the read');
    });

  it('takes what an admin allowed for no find, nor who enters by the group', () => {
    assert.deepEqual(factsAfter(seen(2, { user: null, isAllowed: true })), [at(1), undefined]);
    const entered = run(grouped, [
      seen(2, { user: person(), membership: { groupId, inGroup: true, groupPath: [groupId] }, source: 'delta' }),
    ]);
    assert.equal(entered?.facts?.foundAt, undefined);
    assert.equal(run(everyone, [seen(2, { user: person(), source: 'delta' })])?.facts?.foundAt, at(TAKEN));
  });

  it('knows that a removal was notified while it waits', () => {
    const gone = [named(7, { user: null })];
    for (const left of [withoutRemoval(gone), asNotified(gone)]) {
      const verdict = projectUser({ known: start, seen: left, scope: everyone, now });
      assert.ok(verdict.kind === 'touch' && verdict.facts.notifiedAt === at(7));
      assert.equal(verdict.observedAt, start?.document.observedAt, 'nothing that is older is kept from winning');
    }
    assert.deepEqual(withoutRemoval([seen(7, { user: null })]), []);
  });
});
