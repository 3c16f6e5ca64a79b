import assert from 'node:assert/strict';
import { codeOf, createScene } from '../../test/scene.js';

describe('a filter of groups', () => {
  const scene = async () => {
    const { control, tenantId, tenant, walk, get } = await createScene();
    const add = (displayName: string, unified = false) => control.createGroup(tenantId, { displayName, unified }).id;
    const ids = { blue: add('Blue team'), black: add('Black team'), red: add("Red's team", true) };
    const find = async (filter: string, options = '') =>
      (await walk(`/groups?$filter=${encodeURIComponent(filter)}${options}`)).rows.map(({ id }) => id).sort();
    return { ids, tenant, get, find };
  };

  it('finds by id, by name and its beginning, and by kind, over pages', async () => {
    const { ids, tenant, find } = await scene();
    assert.deepEqual(await find(`id eq '${ids.blue}'`), [ids.blue]);
    assert.deepEqual(await find("displayName eq 'red''s team'"), [ids.red]);
    assert.deepEqual(await find("startsWith(displayName,'Bl')", '&$top=1'), [ids.blue, ids.black].sort());
    assert.deepEqual(await find("groupTypes/any(t:t eq 'Unified')"), [ids.red]);
    const security = [tenant.groupId, ...tenant.nestedGroupIds, ids.blue, ids.black];
    assert.deepEqual(await find('securityEnabled eq true'), security.sort());
  });

  it('on another property, or compared in another way, is refused', async () => {
    const { get } = await scene();
    for (const filter of ["description eq 'x'", "displayName ne 'x'", "groupTypes eq 'Unified'"]) {
      const answer = await get(`/groups?$filter=${encodeURIComponent(filter)}`);
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'Request_UnsupportedQuery']);
    }
  });
});
