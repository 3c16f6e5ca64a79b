import assert from 'node:assert/strict';
import { SECOND, codeOf, createScene } from '../../test/scene.js';

const LATEST = '/groups/delta?$deltatoken=latest';
type Member = { id: string; '@removed'?: { reason: string } };

/** A tenant with one more group, known to the holder of the link that `from` gives. */
const withGroup = async (options: Parameters<typeof createScene>[0] = {}, unified = false) => {
  const scene = await createScene(options);
  const group = scene.control.createGroup(scene.tenantId, { displayName: 'Crew', description: 'On board', unified });
  return { ...scene, group, from: async (query = '') => (await scene.walk(`${LATEST}${query}`)).done };
};

describe('contract 5.1, delta protocol of groups', () => {
  it('5.1 groups: $select limits what is tracked', async () => {
    const { walk, control, tenantId, group, person, from } = await withGroup();
    const [names, members] = [await from('&$select=displayName'), await from('&$select=members')];
    control.updateGroup(tenantId, group.id, { description: 'Ashore' });
    control.addOwner(tenantId, group.id, person().id);
    assert.deepEqual((await walk(names)).rows, []);
    assert.deepEqual((await walk(members)).rows, []);
    control.addMember(tenantId, group.id, person().id);
    control.updateGroup(tenantId, group.id, { displayName: 'Crew 2' });
    assert.deepEqual((await walk(names)).rows, [{ id: group.id, displayName: 'Crew 2' }]);
    assert.deepEqual((await walk(members)).rows, [
      { id: group.id, 'members@delta': [{ '@odata.type': '#microsoft.graph.user', id: person().id }] },
    ]);
  });

  it('5.1 groups: a changed group comes with unchanged selected properties too', async () => {
    const { walk, control, tenantId, group, person, from } = await withGroup();
    const link = await from('&$select=displayName,members');
    control.addMember(tenantId, group.id, person().id);
    const [row] = (await walk(link)).rows;
    assert.equal(row!['displayName'], 'Crew');
  });

  it('5.1 groups: never-set properties are left out, cleared ones are null', async () => {
    const { walk, control, tenantId, group, from } = await withGroup();
    const link = await from();
    control.updateGroup(tenantId, group.id, { description: null });
    const [row] = (await walk(link)).rows;
    assert.deepEqual([row!['description'], 'visibility' in row!], [null, false]);
  });

  it('5.1 groups: Prefer: return=minimal shows changed properties only', async () => {
    const { get, control, tenantId, group, person, from } = await withGroup();
    const link = await from();
    control.updateGroup(tenantId, group.id, { description: null });
    control.addMember(tenantId, group.id, person().id);
    const { body } = await get(link, { prefer: 'return=minimal' });
    const member = { '@odata.type': '#microsoft.graph.user', id: person().id };
    assert.deepEqual(body.value, [{ id: group.id, description: null, 'members@delta': [member] }]);
  });

  it('5.1 groups: setting what is there already is no change', async () => {
    const { walk, control, tenantId, group, from } = await withGroup();
    const link = await from();
    control.updateGroup(tenantId, group.id, { displayName: 'Crew' });
    assert.deepEqual((await walk(link)).rows, []);
  });

  it('5.1 groups: many of them, without members too, are spread over pages', async () => {
    const { walk, control, tenantId } = await createScene({ pageSizes: { delta: 7 } });
    for (let count = 0; count < 30; count += 1) control.createGroup(tenantId);
    for (const query of ['', '?$select=displayName']) {
      const { pages, rows } = await walk(`/groups/delta${query}`);
      assert.ok(pages.every(({ body }) => body.value.length <= 7));
      assert.equal(new Set(rows.map(({ id }) => id)).size, control.listGroups(tenantId).length);
    }
  });

  it('5.1 groups: those that stay come with all their members, though others vanish between the pages', async () => {
    const { get, control, tenantId, truth } = await createScene({ pageSizes: { delta: 4 } });
    const people = truth().map(({ id }) => id);
    const filled = Array.from({ length: 6 }, () => control.createGroup(tenantId).id);
    for (const id of filled) for (const member of people.slice(0, 6)) control.addMember(tenantId, id, member);
    const told = new Map<string, Set<string>>();
    for (let link: string | undefined = '/groups/delta'; link !== undefined;) {
      const { body } = await get(link);
      for (const row of body.value) {
        const members = told.get(row.id) ?? new Set();
        for (const { id } of (row['members@delta'] ?? []) as Member[]) members.add(id);
        told.set(row.id, members);
      }
      link = body['@odata.nextLink'] as string | undefined;
      // Whatever was told completely may vanish; what is behind it must not move.
      const done = filled.find(
        (id) => told.get(id)?.size === 6 && control.listGroups(tenantId).some((one) => one.id === id),
      );
      if (done !== undefined) control.deleteGroup(tenantId, done);
    }
    for (const { id } of control.listGroups(tenantId)) assert.ok(told.has(id), id);
    for (const id of filled) assert.equal(told.get(id)?.size, 6);
  });

  it('5.1 a first round that a restart interrupts begins anew, as places in lists do not outlive it', async () => {
    const { get, control, tenantId } = await createScene({ pageSizes: { delta: 1 } });
    control.createGroup(tenantId);
    for (const path of ['/groups/delta', '/users/delta']) {
      const next = new URL(String((await get(path)).body['@odata.nextLink']));
      const token = JSON.parse(Buffer.from(next.searchParams.get('$skiptoken')!, 'base64url').toString()) as object;
      const older = Buffer.from(JSON.stringify({ ...token, epoch: 'before the restart' })).toString('base64url');
      const answer = await get(`${path}?$skiptoken=${older}`);
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'Request_UnsupportedQuery']);
    }
  });

  it('5.1 groups: replication delay hides who left until the replica has caught up', async () => {
    const { walk, control, tenantId, group, person, from, pass } = await withGroup();
    const { id } = person();
    const link = await from('&$select=members');
    control.addMember(tenantId, group.id, id);
    control.setFaults({ rules: [{ type: 'replicaLag', ms: 5_000 }] });
    control.dropMember(tenantId, group.id, id);
    const removedIn = (rows: readonly object[]) =>
      rows.flatMap((row) => (row as { 'members@delta': Member[] })['members@delta'].map((one) => one['@removed']));
    const early = await walk(link);
    assert.deepEqual(removedIn(early.rows), [undefined]);
    await pass(5 * SECOND);
    assert.deepEqual(removedIn((await walk(early.done)).rows), [{ reason: 'deleted' }]);
  });
});

describe('contract 5.3, restored groups', () => {
  it('5.3 a restored group shows as new, its members with it', async () => {
    const { walk, control, tenantId, group, truth, from } = await withGroup({ pageSizes: { delta: 5 } }, true);
    const ids = truth().map(({ id }) => id);
    for (const id of ids) control.addMember(tenantId, group.id, id);
    control.deleteGroup(tenantId, group.id);
    const link = await from();
    control.restoreGroup(tenantId, group.id);
    const { rows } = await walk(link);
    assert.ok(rows.every((row) => row.id === group.id && row['displayName'] === 'Crew'));
    const slices = rows.map((row) => row['members@delta'] as Member[]);
    assert.ok(slices.every((slice) => slice.length <= 5));
    assert.deepEqual(
      slices.flat().map(({ id }) => id),
      ids,
    );
  });
});
