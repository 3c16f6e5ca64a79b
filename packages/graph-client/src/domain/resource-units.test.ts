import assert from 'node:assert/strict';
import { toCost, toIdentityLimit } from './resource-units.js';

describe('toCost', () => {
  const cases: [string, string, string, number][] = [
    ['GET', '/users', 'identity', 2],
    ['GET', '/users?$select=id&$top=999', 'identity', 1],
    ['GET', '/users?$select=id&$top=1', 'identity', 1],
    ['GET', '/users/7', 'identity', 1],
    ['GET', '/users/delta?$select=id', 'identity', 1],
    ['GET', '/groups/7/members?$top=999', 'identity', 3],
    ['GET', '/groups/7/members?$select=id&$top=999', 'identity', 2],
    ['GET', '/groups/7/transitiveMembers', 'identity', 5],
    ['POST', '/users/7/checkMemberGroups', 'identity', 4],
    ['POST', '/directoryObjects/getByIds', 'identity', 5],
    ['GET', '/groups/7?$expand=members', 'identity', 2],
    ['GET', '/reports/authenticationMethods/userRegistrationDetails?$top=999', 'reports', 1],
    ['GET', 'https://graph.microsoft.com/v1.0/reports/x?$skiptoken=1', 'reports', 1],
    ['GET', 'https://graph.microsoft.com/v1.0/users?$skiptoken=1', 'identity', 2],
    ['GET', '/subscriptions', 'subscriptions', 20],
    ['PATCH', '/subscriptions/7', 'subscriptions', 1],
  ];
  for (const [method, path, bucket, units] of cases)
    it(`counts ${method} ${path} as ${units} in ${bucket}`, () => {
      assert.deepEqual(toCost({ method, path }), { bucket, units });
    });

  it('counts a batch by its parts', () => {
    const requests = [
      { id: '1', method: 'GET', url: '/users/7?$select=id' },
      { id: '2', method: 'POST', url: '/users/7/checkMemberGroups' },
    ];
    assert.deepEqual(toCost({ method: 'POST', path: '/$batch', body: { requests } }), { bucket: 'identity', units: 5 });
  });
});

describe('toIdentityLimit', () => {
  it('follows the size of the tenant; unknown counts as small', () => {
    assert.deepEqual([null, 0, 49, 50, 500, 501].map(toIdentityLimit), [3_500, 3_500, 3_500, 5_000, 5_000, 8_000]);
  });
});
