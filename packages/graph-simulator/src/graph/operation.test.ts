import assert from 'node:assert/strict';
import { createGraphOperations } from './operations.js';
import { createMatcher } from './operation.js';
import { opens } from './permissions.js';

const operations = createGraphOperations({
  post: () => Promise.resolve('failed'),
  resume: () => undefined,
  onEdit: () => undefined,
});
const match = createMatcher(operations);
const pathOf = (method: string, path: string) => {
  const found = match(method, path);
  return found.type === 'found' ? found.operation.path : found.type;
};

describe('the table of operations', () => {
  const cases: [string, string, string][] = [
    ['GET', '/users/delta', '/users/delta'],
    ['GET', '/users/delta()', '/users/delta'],
    ['GET', '/users/microsoft.graph.delta()', '/users/delta'],
    ['GET', '/users/ann%40t.example', '/users/{id}'],
    ['GET', "/users('1')", '/users/{id}'],
    ['GET', '/users/$count', '/users/$count'],
    ['GET', '/groups/1/transitiveMembers/graph.user', '/groups/{id}/transitiveMembers/{cast}'],
    ['GET', '/directory/deletedItems/graph.user', '/directory/deletedItems/microsoft.graph.user'],
    ['GET', '/directory/deletedItems/abc', '/directory/deletedItems/{id}'],
    ['POST', '/users/1/checkMemberGroups', '/users/{id}/checkMemberGroups'],
    ['DELETE', '/users', 'otherMethod'],
    ['GET', '/nothing', 'unknown'],
    ['GET', '/users/%E0%A4%A', 'unknown'],
  ];
  for (const [method, path, expected] of cases)
    it(`${method} ${path} is ${expected}`, () => {
      assert.equal(pathOf(method, path), expected);
    });

  const mayCall = (method: string, path: string, roles: string[]) => {
    const operation = operations.find((one) => one.method === method && one.path === path);
    return operation?.permissions != null && opens(operation.permissions, new Set(roles));
  };
  const rights: [string, string, string[], boolean][] = [
    ['GET', '/users', ['User.Read.All'], true],
    ['GET', '/users', ['User.ReadBasic.All'], true],
    ['GET', '/users/delta', ['User.ReadBasic.All'], false],
    ['GET', '/users', ['Group.Read.All'], false],
    ['GET', '/groups/{id}/members', ['GroupMember.ReadBasic.All'], true],
    ['GET', '/groups/{id}/transitiveMembers', ['GroupMember.Read.All'], true],
    ['GET', '/groups/{id}/members', ['User.Read.All'], false],
    ['GET', '/groups/delta', ['Group.ReadBasic.All'], true],
    ['GET', '/reports/authenticationMethods/userRegistrationDetails', ['AuditLog.Read.All'], true],
    ['GET', '/reports/authenticationMethods/userRegistrationDetails', ['Reports.Read.All'], false],
    ['GET', '/applications', ['Application.Read.All'], true],
    ['POST', '/users/{id}/checkMemberGroups', ['User.Read.All'], false],
    ['POST', '/users/{id}/checkMemberGroups', ['User.Read.All', 'GroupMember.Read.All'], true],
  ];
  for (const [method, path, roles, allowed] of rights)
    it(`${roles.join(' and ')} ${allowed ? 'opens' : 'does not open'} ${method} ${path}`, () => {
      assert.equal(mayCall(method, path, roles), allowed);
    });

  it('lets nobody in without a permission, except where the handler decides', () => {
    const open = operations.filter(({ permissions }) => permissions === null || opens(permissions, new Set()));
    assert.deepEqual([...new Set(open.map(({ path }) => path.split('/')[1]))], ['users', 'me', 'subscriptions']);
  });
});
