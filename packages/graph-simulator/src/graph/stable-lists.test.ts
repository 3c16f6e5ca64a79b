import assert from 'node:assert/strict';
import type { Answer } from '../../test/scene.js';
import { createScene } from '../../test/scene.js';

/** Reads page after page; `between` happens after each of them. */
const read = async (get: (path: string) => Promise<Answer>, first: string, between: (seen: string[]) => void) => {
  const seen: string[] = [];
  for (let link: string | undefined = first; link !== undefined;) {
    const { status, body } = await get(link);
    assert.equal(status, 200);
    seen.push(...body.value.map(({ id }) => id));
    link = body['@odata.nextLink'] as string | undefined;
    between(seen);
  }
  return seen;
};

describe('a list of which something vanishes between two pages still has all else, once', () => {
  it('of groups', async () => {
    const { get, control, tenantId } = await createScene();
    for (let count = 0; count < 12; count += 1) control.createGroup(tenantId);
    const before = control.listGroups(tenantId).map(({ id }) => id);
    const seen = await read(get, '/groups?$top=3', (told) => control.deleteGroup(tenantId, told.at(-2)!));
    assert.deepEqual(seen.toSorted(), before.toSorted());
  });

  it('of groups in the bin', async () => {
    const { get, control, tenantId } = await createScene();
    const ids = Array.from({ length: 9 }, () => control.createGroup(tenantId, { unified: true }).id);
    for (const id of ids) control.deleteGroup(tenantId, id);
    const path = '/directory/deletedItems/microsoft.graph.group?$top=2';
    const seen = await read(get, path, (told) => control.restoreGroup(tenantId, told.at(-1)!));
    assert.deepEqual(seen.toSorted(), ids.toSorted());
  });

  it('of subscriptions', async () => {
    const { get, subscribe, simulator, truth } = await createScene({ pageSizes: { subscriptions: 2 } });
    const ids: string[] = [];
    for (const { id } of truth().slice(0, 7))
      ids.push(String((await subscribe({ resource: `users/${id}` })).body['id']));
    const seen = await read(get, '/subscriptions', (told) => simulator.subscriptions.remove(told.at(-1)!));
    assert.deepEqual(seen.toSorted(), ids.toSorted());
  });

  it('of nested members, though somebody else begins to read them meanwhile', async () => {
    const { get, control, tenantId, tenant, truth } = await createScene();
    const path = `/groups/${tenant.groupId}/transitiveMembers`;
    const before = (await get(`${path}?$top=999`)).body.value.map(({ id }) => id);
    const direct = truth().filter(({ groupPath }) => groupPath.length === 1);
    const leaving = [...direct];
    const seen: string[] = [];
    for (let link: string | undefined = `${path}?$top=1`; link !== undefined;) {
      const { body } = await get(link);
      seen.push(...body.value.map(({ id }) => id));
      link = body['@odata.nextLink'] as string | undefined;
      const gone = leaving.find(({ id }) => seen.includes(id));
      if (gone !== undefined) control.dropMember(tenantId, tenant.groupId, gone.id);
      if (gone !== undefined) leaving.splice(leaving.indexOf(gone), 1);
      await get(`${path}?$top=4`);
    }
    assert.deepEqual(seen, before);
  });
});
