import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CursorRecord, DirectoryUser, UserDocument } from '@muster/contracts';
import { isFresh, type FreshnessFacts } from './is-fresh.js';
import { judgeAsked, judgeDocument, toGateWords } from './judge-gate.js';
import { isNamed, toRole } from './roles.js';

const TENANT = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const GROUP = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc';
const ADA = '00000000-0000-4000-8000-00000000000a';
const user: DirectoryUser = {
  userId: ADA,
  userPrincipalName: 'Ada@example.org',
  displayName: 'Ada',
  givenName: null,
  surname: null,
  mail: null,
  jobTitle: null,
  department: null,
  accountEnabled: true,
  userType: 'Member',
};
const at = '2026-01-01T00:00:00.000Z';
const document = (over: Partial<UserDocument> = {}): UserDocument => ({
  ...user,
  tenantId: TENANT,
  status: 'active',
  ssoEnabled: true,
  inGroup: true,
  groupPath: [GROUP],
  revision: 1,
  observedAt: at,
  changedAt: at,
  ...over,
});
const withGroup = { groupId: GROUP, includeGuests: true };
const withoutGroup = { groupId: null, includeGuests: true };

describe('the gate by a document', () => {
  it('lets in whoever is active and in the group, and says by which way', () => {
    const verdict = judgeDocument(document(), withGroup);
    assert.deepEqual([verdict.allowed, verdict.why, verdict.groupPath, verdict.asOf], [true, 'in-group', [GROUP], at]);
    assert.equal(judgeDocument(document({ groupPath: [] }), withoutGroup).why, 'in-tenant');
  });

  it('lets in nobody whose document does not say both active and enabled for sign-in', () => {
    for (const status of ['disabled', 'deleted', 'out-of-scope', 'active'] as const)
      for (const ssoEnabled of [true, false]) {
        const verdict = judgeDocument(document({ status, ssoEnabled }), withGroup);
        assert.equal(verdict.allowed, status === 'active' && ssoEnabled, `${status} ${ssoEnabled}`);
        assert.ok(toGateWords(verdict).length > 10);
      }
  });
});

describe('the gate by Graph', () => {
  const asked = { user, inGroup: true, observedAt: at };
  it('has the projector’s rules', () => {
    assert.equal(judgeAsked(asked, withGroup).why, 'in-group');
    assert.equal(judgeAsked({ ...asked, inGroup: false }, withGroup).why, 'out-of-scope');
    assert.equal(judgeAsked({ ...asked, inGroup: null }, withGroup).why, 'out-of-scope', 'not asked is not in');
    assert.equal(judgeAsked({ ...asked, user: null }, withGroup).why, 'deleted');
    assert.equal(judgeAsked({ ...asked, user: { ...user, accountEnabled: false } }, withGroup).why, 'disabled');
    const guest = { ...asked, user: { ...user, userType: 'Guest' }, inGroup: null };
    assert.equal(judgeAsked(guest, withoutGroup).why, 'in-tenant');
    assert.equal(judgeAsked(guest, { ...withoutGroup, includeGuests: false }).why, 'guest');
  });
});

describe('freshness of the projection', () => {
  const now = new Date('2026-01-01T12:00:00.000Z');
  const before = (ms: number): string => new Date(now.getTime() - ms).toISOString();
  const cursor = (kind: 'users' | 'group', over: Partial<CursorRecord> = {}): CursorRecord => ({
    integrationId: ADA,
    tenantId: TENANT,
    kind,
    groupId: GROUP,
    links: [{ deltaLink: 'https://graph/delta', groupIds: [] }],
    tree: [],
    takenAt: at,
    sweptAt: before(10_000),
    baselineSnapshotId: null,
    baselineEndedAt: at,
    resetAt: null,
    failure: null,
    revision: 1,
    ...over,
  });
  const facts: FreshnessFacts = {
    settings: {
      state: 'active',
      features: { userSync: true, mfaVerification: false },
      tenantId: TENANT,
      groupId: GROUP,
    },
    cursors: [cursor('users'), cursor('group')],
    canaries: [0, 1].map((partition) => ({ partition, at: before(60_000) })),
    partitions: 2,
    now,
  };

  it('is believed while canaries fly through every partition and changes are followed', () => {
    assert.equal(isFresh(facts), true);
    const { settings } = facts;
    assert.equal(isFresh({ ...facts, settings: { ...settings, groupId: null }, cursors: [cursor('users')] }), true);
  });

  it('is not believed when any part of it stands still', () => {
    const { settings } = facts;
    const stale: [string, Partial<FreshnessFacts>][] = [
      ['paused', { settings: { ...settings, state: 'paused' } }],
      ['people are not synced', { settings: { ...settings, features: { userSync: false, mfaVerification: true } } }],
      ['another group was chosen', { settings: { ...settings, groupId: ADA } }],
      ['a partition without a canary', { partitions: 3 }],
      ['old canary', { canaries: [0, 1].map((partition) => ({ partition, at: before(partition * 181_000) })) }],
      ['people not followed', { cursors: [cursor('users', { sweptAt: before(601_000) }), cursor('group')] }],
      ['group not followed', { cursors: [cursor('users'), cursor('group', { sweptAt: before(121_000) })] }],
      ['no group cursor', { cursors: [cursor('users')] }],
      ['first load not told', { cursors: [cursor('users', { baselineEndedAt: null }), cursor('group')] }],
      ['no link to go on from', { cursors: [cursor('users', { links: [] }), cursor('group')] }],
    ];
    for (const [why, over] of stale) assert.equal(isFresh({ ...facts, ...over }), false, why);
  });
});

describe('roles', () => {
  const person = { tenantId: TENANT, userId: ADA, userPrincipalName: 'Ada@example.org' };
  const none = { person, operators: [], admins: undefined, inAdminGroup: false };

  it('come from names, without case, or from the group of admins', () => {
    assert.equal(toRole(none), 'member');
    assert.equal(toRole({ ...none, operators: [`${TENANT.toUpperCase()}/ADA@example.org`] }), 'operator');
    assert.equal(toRole({ ...none, operators: [`${TENANT}/${ADA}`] }), 'operator');
    assert.equal(toRole({ ...none, admins: { people: ['ada@EXAMPLE.org'], groupId: null } }), 'tenant-admin');
    assert.equal(toRole({ ...none, admins: { people: [], groupId: GROUP }, inAdminGroup: true }), 'tenant-admin');
  });

  it('an operator’s name counts in the operator’s own tenant only', () => {
    assert.equal(toRole({ ...none, operators: [`${GROUP}/ada@example.org`] }), 'member');
  });

  it('somebody without a user principal name is named by id only', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const named = isNamed([name], { userId: ADA, userPrincipalName: null });
        assert.equal(named, name.toLowerCase() === ADA);
      }),
    );
  });
});
