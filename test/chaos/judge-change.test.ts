import assert from 'node:assert/strict';
import type { DirectoryChange, UserDocument } from '@muster/contracts';
import { toUserDocument } from '@muster/test-support';
import { judgeChange } from './judge-change.js';

const AT = '2026-01-01T00:00:01.000Z';
const person = (over: Partial<UserDocument> = {}): UserDocument =>
  toUserDocument({
    tenantId: '00000000-0000-4000-8000-000000000001',
    userId: '00000000-0000-4000-8000-000000000002',
    changedAt: AT,
    ...over,
  });
const change = (type: string, changed: string[], document: UserDocument, time = AT): DirectoryChange =>
  ({
    id: 'users/t/a/2',
    type: `muster.user.${type}`,
    time,
    data: { revision: 2, changed, document },
  }) as DirectoryChange;
const LEFT = { status: 'out-of-scope', inGroup: false, ssoEnabled: false } as const;

describe('what a change says of itself', () => {
  const renamed = person({ displayName: 'Ada L' });

  it('is right with its kind, the fields that differ in any order, and the time of its document', () => {
    assert.deepEqual(judgeChange(person(), change('updated', ['displayName'], renamed)), []);
    const left = change('left-scope', ['inGroup', 'status', 'ssoEnabled'], person(LEFT));
    assert.deepEqual(judgeChange(person(), left), []);
    assert.deepEqual(
      judgeChange(
        person({ ...LEFT, revision: 1 }),
        change('entered-scope', ['status', 'inGroup', 'ssoEnabled'], person()),
      ),
      [],
    );
    const first = Object.keys(person()).filter(
      (name) => !/^(tenantId|userId|revision|observedAt|changedAt)$/.test(name),
    );
    assert.deepEqual(judgeChange(undefined, change('created', first, person())), []);
  });

  it('is told where the kind is another, where a field is missing or too many, and where the time is', () => {
    const deleted = person({ status: 'deleted', ssoEnabled: false });
    assert.match(
      judgeChange(person(), change('updated', ['status', 'ssoEnabled'], deleted))[0]!,
      /muster.user.deleted$/,
    );
    assert.match(judgeChange(person(), change('updated', [], renamed))[0]!, /tells of nothing/);
    assert.match(judgeChange(person(), change('updated', ['displayName', 'mail'], renamed))[0]!, /displayName, mail/);
    assert.match(
      judgeChange(person(), change('updated', ['displayName'], renamed, '2026-01-02T00:00:00.000Z'))[0]!,
      /is of/,
    );
  });
});
