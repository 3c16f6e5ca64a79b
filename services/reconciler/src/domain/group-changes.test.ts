import assert from 'node:assert/strict';
import { mergeGroupRows } from './group-changes.js';

const tree = [
  { groupId: 'chosen', displayName: 'All', groupPath: ['chosen'] },
  { groupId: 'nested', displayName: 'Some', groupPath: ['chosen', 'nested'] },
];
const merge = (rows: Parameters<typeof mergeGroupRows>[0]) => mergeGroupRows(rows, { chosen: 'chosen', tree });
const person = (id: string, removed = false) => ({ id, kind: 'user' as const, removed });

describe('mergeGroupRows', () => {
  it('takes slices together; of several rows about one member the last counts', () => {
    const { people, treeChanged, vanished } = merge([
      { groupId: 'chosen', removed: null, members: [person('a'), person('b', true)] },
      { groupId: 'nested', removed: null, members: [person('a')] },
      { groupId: 'chosen', removed: null, members: [person('a', true)] },
    ]);
    assert.deepEqual([treeChanged, vanished], [false, false]);
    assert.deepEqual(people, [
      { userId: 'a', groupId: 'chosen', removed: true },
      { userId: 'b', groupId: 'chosen', removed: true },
      { userId: 'a', groupId: 'nested', removed: false },
    ]);
  });

  it('says that the tree changed when a group came or went, and that the chosen one vanished', () => {
    const group = { id: 'other', kind: 'group' as const, removed: true };
    assert.equal(merge([{ groupId: 'nested', removed: null, members: [group] }]).treeChanged, true);
    assert.equal(merge([{ groupId: 'nested', removed: 'hard', members: [] }]).treeChanged, true);
    assert.equal(merge([{ groupId: 'chosen', removed: 'soft', members: [] }]).vanished, true);
    const restored = merge([
      { groupId: 'chosen', removed: 'soft', members: [] },
      { groupId: 'chosen', removed: null, members: [] },
    ]);
    assert.equal(restored.vanished, false);
  });

  it('tells new names only', () => {
    const row = { groupId: 'nested', removed: null, members: [] };
    assert.deepEqual(
      merge([
        { ...row, displayName: 'Some' },
        { ...row, groupId: 'chosen' },
      ]).renamed,
      [],
    );
    assert.deepEqual(merge([{ ...row, displayName: 'Others' }]).renamed, [{ ...tree[1], displayName: 'Others' }]);
  });
});
