import assert from 'node:assert/strict';
import fc from 'fast-check';
import { groupPathOf, toGroupTree, unreadGroups, type DirectMembers, type Member } from './group-tree.js';

const group = (id: string): Member => ({ id, kind: 'group' });
const person = (id: string): Member => ({ id, kind: 'user' });
const tree = (members: Record<string, Member[]>): DirectMembers => new Map(Object.entries(members));

describe('toGroupTree', () => {
  it('gives each person the way from the chosen group down to the group that holds them', () => {
    const found = toGroupTree('root', tree({ root: [person('ann'), group('sub')], sub: [person('ben')] }));
    assert.deepEqual(groupPathOf(found, 'ann'), ['root']);
    assert.deepEqual(groupPathOf(found, 'ben'), ['root', 'sub']);
    assert.equal(groupPathOf(found, 'eve'), null);
  });

  it('keeps the shortest way where groups form a diamond', () => {
    const found = toGroupTree(
      'root',
      tree({ root: [group('a'), group('b')], a: [group('c')], b: [person('ann')], c: [person('ann'), group('b')] }),
    );
    assert.deepEqual(groupPathOf(found, 'ann'), ['root', 'b']);
    assert.deepEqual(found.groupPaths.get('b'), ['root', 'b']);
  });

  it('ends where groups hold each other in a circle', () => {
    const found = toGroupTree('root', tree({ root: [group('a')], a: [group('root'), group('a'), person('ann')] }));
    assert.deepEqual(groupPathOf(found, 'ann'), ['root', 'a']);
    assert.equal(found.groupPaths.size, 2);
  });

  it('takes the first of equally short ways in id order, whatever order Graph answers in', () => {
    const held = { a: [person('ann')], b: [person('ann')] };
    for (const root of [
      [group('b'), group('a')],
      [group('a'), group('b')],
    ])
      assert.deepEqual(groupPathOf(toGroupTree('root', tree({ root, ...held })), 'ann'), ['root', 'a']);
  });

  it('names the groups that were not read yet, and none once all were', () => {
    const members = new Map([['root', [group('a'), person('ann')]]]);
    assert.deepEqual(unreadGroups('root', new Map()), ['root']);
    assert.deepEqual(unreadGroups('root', members), ['a']);
    assert.deepEqual(unreadGroups('root', new Map([...members, ['a', []]])), []);
  });
});

describe('toGroupTree, for any directory', () => {
  const ids = fc.constantFrom('g0', 'g1', 'g2', 'g3', 'g4', 'g5');
  const people = fc.constantFrom('p0', 'p1', 'p2', 'p3', 'p4');
  const members = fc.array(fc.oneof(ids.map(group), people.map(person)), { maxLength: 6 });
  const directories = fc.dictionary(ids, members).map((entries) => new Map(Object.entries(entries)));

  /** The plain definition: shortest distance by relaxation until nothing gets shorter. */
  const distances = (directory: DirectMembers): Map<string, number> => {
    const far = new Map([['g0', 1]]);
    for (let round = 0; round < 8; round += 1)
      for (const [from, distance] of [...far])
        for (const { id, kind } of directory.get(from) ?? [])
          if (kind === 'group' && (far.get(id) ?? Infinity) > distance + 1) far.set(id, distance + 1);
    return far;
  };

  it('finds exactly the people that can be reached, each by a real way of the shortest length', () => {
    fc.assert(
      fc.property(directories, (directory) => {
        const found = toGroupTree('g0', directory);
        const far = distances(directory);
        for (const id of ['p0', 'p1', 'p2', 'p3', 'p4']) {
          const holders = [...far].filter(([groupId]) => directory.get(groupId)?.some((member) => member.id === id));
          const path = groupPathOf(found, id);
          assert.equal(path?.length ?? Infinity, Math.min(...holders.map(([, distance]) => distance)));
          if (!path) continue;
          const way = [...path, id];
          for (const [index, step] of way.slice(1).entries())
            assert.ok(directory.get(way[index]!)?.some((member) => member.id === step));
        }
      }),
    );
  });

  it('says the same for the same directory in any order of members', () => {
    fc.assert(
      fc.property(directories, (directory) => {
        const turned = new Map([...directory].map(([id, direct]) => [id, [...direct].reverse()]));
        assert.deepEqual(
          [...toGroupTree('g0', directory).groupPaths].sort(),
          [...toGroupTree('g0', turned).groupPaths].sort(),
        );
        for (const id of ['p0', 'p1', 'p2', 'p3', 'p4'])
          assert.deepEqual(groupPathOf(toGroupTree('g0', directory), id), groupPathOf(toGroupTree('g0', turned), id));
      }),
    );
  });
});
