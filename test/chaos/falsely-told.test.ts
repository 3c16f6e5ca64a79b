import assert from 'node:assert/strict';
import { findFalselyAdmitted, findFalselyTold, type Absence, type Departure, type Leavers } from './falsely-told.js';

const MINUTE = 60_000;
const deleted = (at: number): Departure => ({ status: 'deleted', at: at * MINUTE });
const outside = (at: number): Departure => ({ status: 'out-of-scope', at: at * MINUTE });
const away = (left: number, back: number | null, groupId: string | null = null): Absence => ({
  groupId,
  left: left * MINUTE,
  back: back === null ? null : back * MINUTE,
});
const find = (told: Record<string, Departure[]>, absences: Leavers['absences'] = {}, didGroupsMove = false): string[] =>
  findFalselyTold(new Map(Object.entries(told)), { tenantId: 't', leavers: { absences, didGroupsMove } });

describe('what was told of people who had not left', () => {
  it('is found of whom it was never true, and nothing of another tenant', () => {
    assert.deepEqual(find({ 't/a': [deleted(1)], 't/b': [outside(1)], 'other/a': [deleted(1)] }), [
      't/a was told as deleted at 1970-01-01T00:01:00.000Z, for time 1, and was so 0 times',
      't/b was told as out of scope at 1970-01-01T00:01:00.000Z, for time 1, and was so 0 times',
    ]);
  });

  it('is found of whom it was true long ago, once it is told once too often', () => {
    const absences = { a: [away(1, 2)], b: [away(1, 2, 'g')] };
    assert.equal(find({ 't/a': [deleted(1), deleted(20)] }, absences).length, 1);
    assert.equal(find({ 't/b': [outside(1), outside(20)] }, absences).length, 1);
    assert.deepEqual(find({ 't/a': [deleted(1)], 't/b': [outside(16)] }, absences), [], 'it waited in the log');
  });

  it('is found of whom it was true long ago and never told: that is no leave to tell it at any time', () => {
    assert.equal(find({ 't/b': [outside(20)] }, { b: [away(1, 2, 'g')] }).length, 1);
    assert.equal(find({ 't/b': [outside(14), outside(15)] }, { b: [away(1, 2, 'g')] }).length, 1);
  });

  it('is found also where it became true later', () => {
    assert.equal(find({ 't/a': [deleted(1), deleted(5)] }, { a: [away(5, null)] }).length, 1);
  });

  it('is nothing where one departure was told twice while it lasted, or soon after', () => {
    assert.deepEqual(find({ 't/a': [deleted(2), deleted(30)] }, { a: [away(1, null)] }), []);
    assert.deepEqual(find({ 't/a': [deleted(2), deleted(6)] }, { a: [away(1, 3)] }), []);
  });

  it('is nothing of who was told as outside and was deleted; but the other way round it is', () => {
    assert.deepEqual(find({ 't/a': [outside(2), deleted(2)] }, { a: [away(1, null)] }), []);
    assert.equal(find({ 't/a': [deleted(2)] }, { a: [away(1, null, 'g')] }).length, 1);
  });

  it('is nothing of whom a group took along, unless it says deleted', () => {
    assert.equal(find({ 't/a': [outside(1)] }, {}, true).length, 0);
    assert.equal(find({ 't/a': [deleted(1)] }, {}, true).length, 1);
  });
});

describe('what was told of people who were not there', () => {
  const admitted = (at: number, absences: Leavers['absences'], person = 't/a', seenAt = at): string[] =>
    findFalselyAdmitted(new Map([[person, [{ at: at * MINUTE, seenAt: seenAt * MINUTE }]]]), {
      tenantId: 't',
      leavers: { absences, didGroupsMove: true },
    });

  it('is found in the middle of the time in which they were deleted', () => {
    assert.deepEqual(admitted(8, { a: [away(2, null)] }), [
      't/a was told as being there at 1970-01-01T00:08:00.000Z, and was deleted since 1970-01-01T00:02:00.000Z',
    ]);
    assert.equal(admitted(8, { a: [away(0, 1), away(2, 9)] }).length, 1);
  });

  it('is nothing soon after they went, after they came back, or of another tenant, nor of who left a group', () => {
    assert.deepEqual(admitted(6, { a: [away(2, null)] }), []);
    assert.deepEqual(admitted(9, { a: [away(2, 8)] }), []);
    assert.deepEqual(admitted(8, { a: [away(2, null)] }, 'u/a'), []);
    assert.deepEqual(admitted(8, { a: [away(2, null, 'g')] }), []);
  });

  it('is nothing that Graph said before, or just behind it, however long that waited', () => {
    assert.deepEqual(admitted(30, { a: [away(2, null)] }, 't/a', 3), []);
    assert.equal(admitted(30, { a: [away(2, null)] }, 't/a', 4).length, 1);
  });
});
