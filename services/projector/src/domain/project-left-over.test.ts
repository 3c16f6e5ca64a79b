import assert from 'node:assert/strict';
import { toUser, toUserDocument } from '@muster/test-support';
import { projectUser, type SeenUser } from './project-user.js';

const tenantId = '10000000-0000-4000-8000-000000000000';
const userId = '20000000-0000-4000-8000-000000000000';
const groupId = '30000000-0000-4000-8000-000000000000';
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();

describe('projectUser of a document that a removed integration left', () => {
  const membership = { groupId, inGroup: true, groupPath: [groupId] };
  const known = {
    document: toUserDocument({ tenantId, userId, groupPath: [groupId], observedAt: at(1), changedAt: at(1) }),
    facts: {
      userObservedAt: at(1),
      membership: { groupId, inGroup: true, observedAt: at(1), path: { observedAt: at(1), groupPath: [groupId] } },
    },
  };
  const user = toUser({ ...known.document, userId });
  const full: SeenUser = { userId, observedAt: at(9), source: 'full', user, membership };
  const features = { userSync: true, mfaVerification: true };
  const project = (createdAt: string) =>
    projectUser({
      known,
      seen: [full],
      scope: { tenantId, groupId, includeGuests: true, features, createdAt },
      now: new Date(at(10)),
    });

  it('notes that a full read of the new one saw the person, though nothing changed', () => {
    const noted = project(at(2));
    assert.ok(noted.kind === 'touch', noted.kind);
    assert.equal(noted.observedAt, at(9));
  });

  it('costs no write where the document is the integration’s own', () => assert.equal(project(at(1)).kind, 'ignore'));
});
