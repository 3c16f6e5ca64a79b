import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readPermissions } from './msal-app-token.js';

const tokenOf = (claims: unknown): string =>
  ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'signature'].join('.');

describe('readPermissions', () => {
  it("reads an app's roles and a person's scopes", () => {
    assert.deepEqual(readPermissions(tokenOf({ roles: ['User.Read.All', 'AuditLog.Read.All'] })), [
      'User.Read.All',
      'AuditLog.Read.All',
    ]);
    assert.deepEqual(readPermissions(tokenOf({ scp: 'User.Read openid' })), ['User.Read', 'openid']);
  });

  it('finds none where consent was never given: Entra leaves the claim out', () => {
    assert.deepEqual(readPermissions(tokenOf({ aud: 'https://graph.microsoft.com' })), []);
  });

  it('leaves out what is no name', () => {
    assert.deepEqual(readPermissions(tokenOf({ roles: ['User.Read.All', 7, null] })), ['User.Read.All']);
    assert.deepEqual(readPermissions(tokenOf({ roles: 'User.Read.All' })), []);
  });

  it('finds none in whatever is no token, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => tokenOf(text)),
        ),
        (token) => {
          assert.deepEqual(readPermissions(token), []);
        },
      ),
    );
    for (const claims of [null, 7, 'text', []]) assert.deepEqual(readPermissions(tokenOf(claims)), []);
  });
});
