import assert from 'node:assert/strict';
import { codeOf, createScene } from '../../test/scene.js';

describe('the organization', () => {
  const scene = () => createScene({ plan: { permissions: ['Organization.Read.All'] } });

  it('is listed and read by id, with what was selected', async () => {
    const { get, tenantId } = await scene();
    const [listed] = (await get('/organization')).body.value;
    assert.deepEqual([listed!.id, listed!['displayName']], [tenantId, 'Contoso']);
    assert.deepEqual((await get('/organization?$select=id,displayName')).body.value, [
      { id: tenantId, displayName: 'Contoso' },
    ]);
    assert.equal((await get(`/organization/${tenantId}?$select=displayName`)).body['displayName'], 'Contoso');
  });

  it('of another tenant is not found, and no unknown property is selected', async () => {
    const { get } = await scene();
    assert.equal((await get('/organization/00000000-0000-4000-8000-000000000000')).status, 404);
    assert.equal(codeOf(await get('/organization?$select=nothing')), 'BadRequest');
  });
});
