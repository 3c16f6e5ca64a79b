import assert from 'node:assert/strict';
import type { UserStatus } from '@muster/contracts';
import { findFalselyTold, type Leavers } from './falsely-told.js';

const find = (told: Record<string, UserStatus[]>, leavers: Partial<Leavers> = {}): string[] =>
  findFalselyTold(new Map(Object.entries(told).map(([person, of]) => [person, new Set(of)])), {
    tenantId: 't',
    leavers: { deleted: [], removed: [], didGroupsMove: false, ...leavers },
  });

describe('what was told of people who never left', () => {
  it('is found, also when it was taken back', () => {
    assert.deepEqual(find({ 't/a': ['active', 'deleted'], 't/b': ['active', 'out-of-scope'], 't/c': ['disabled'] }), [
      't/a was told as deleted and never was',
      't/b was told as out of scope and never was',
    ]);
  });

  it('is nothing of those who did, and nothing of another tenant', () => {
    const told: Record<string, UserStatus[]> = { 't/a': ['deleted', 'out-of-scope'], 't/b': ['out-of-scope'] };
    assert.deepEqual(find(told, { deleted: ['a'], removed: ['b'] }), []);
    assert.deepEqual(find({ 'other/a': ['deleted'] }), []);
  });

  it('is nothing of whom a group took along, unless it says deleted', () => {
    assert.equal(find({ 't/a': ['out-of-scope'] }, { didGroupsMove: true }).length, 0);
    assert.equal(find({ 't/a': ['deleted'] }, { removed: ['a'], didGroupsMove: true }).length, 1);
  });
});
