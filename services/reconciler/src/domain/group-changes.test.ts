import assert from 'node:assert/strict';
import { mergeGroupRows, rememberDeleted } from './group-changes.js';

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

  it('says that the tree changed when a group comes back that was deleted, or one that nobody knows', () => {
    const row = (groupId: string) => ({ groupId, removed: null, members: [] });
    assert.equal(merge([row('nested')]).treeChanged, false);
    assert.equal(merge([row('unknown')]).treeChanged, true);
    const deleted = ['chosen'];
    assert.equal(mergeGroupRows([row('chosen')], { chosen: 'chosen', tree, deleted }).treeChanged, true);
    assert.deepEqual(merge([{ ...row('nested'), removed: 'soft' as const }]).deleted, ['nested']);
  });

  it('remembers what was deleted for as long as it may be restored', () => {
    const earlier = [
      { groupId: 'a', at: '2026-01-01T00:00:00.000Z' },
      { groupId: 'b', at: '2026-01-20T00:00:00.000Z' },
    ];
    const at = '2026-02-01T00:00:00.000Z';
    assert.deepEqual(rememberDeleted(earlier, { chosen: 'g', deleted: ['b', 'c'], at }), [
      { groupId: 'b', at },
      { groupId: 'c', at },
    ]);
    assert.deepEqual(rememberDeleted(undefined, { chosen: 'g', deleted: [], at }), []);
  });

  it('never forgets that the chosen group was deleted', () => {
    const earlier = [{ groupId: 'g', at: '2026-01-01T00:00:00.000Z' }];
    const at = '2027-01-01T00:00:00.000Z';
    assert.deepEqual(rememberDeleted(earlier, { chosen: 'g', deleted: [], at }), earlier);
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
