import assert from 'node:assert/strict';
import { findPermission } from '../sign-in/delegated-permissions.js';
import { createGraphOperations } from './operations.js';
import { PERMISSION_IDS, WATCH } from './permissions.js';

/** Those that only an app can hold. */
const APP_ONLY = ['Application.ReadWrite.OwnedBy'];
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('every permission that opens a call', () => {
  const operations = createGraphOperations({
    post: () => Promise.resolve('failed'),
    resume: () => undefined,
    onEdit: () => undefined,
  });
  const sets = [...operations.flatMap(({ permissions }) => permissions ?? []), ...Object.values(WATCH).flat()];
  const names = [...new Set(sets.flat())];

  it('can be named in a registration, by the id of Graph', () => {
    assert.ok(names.length > 15);
    for (const name of names) assert.match(PERMISSION_IDS[name] ?? '', GUID, name);
  });

  it('can be asked for at the authorize page, if people can give it, in words of its own', () => {
    const delegated = [...names.filter((name) => !APP_ONLY.includes(name)), 'Subscription.Read.All'];
    for (const name of delegated) {
      const permission = findPermission(name);
      assert.match(permission?.id ?? '', GUID, name);
      assert.notEqual(permission?.title, name);
      assert.notEqual(permission?.id, PERMISSION_IDS[name]);
    }
  });
});
