import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { UserDocument } from '@muster/contracts';
import { toUser } from '@muster/test-support';
import { isOfChosenGroup, judgeAsked, judgeDocument, judgeSettings, toGateWords } from './judge-gate.js';
import { isNamed, toOperators, toRole } from './roles.js';

const TENANT = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const GROUP = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc';
const ADA = '00000000-0000-4000-8000-00000000000a';
const user = toUser({ userId: ADA, userPrincipalName: 'Ada@example.org', displayName: 'Ada' });
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

describe('what a document says of the group', () => {
  const factsOf = (groupId: string, inGroup: boolean) => ({
    membership: { groupId, observedAt: at, inGroup, path: { observedAt: at, groupPath: null } },
  });
  const isBelieved = (
    over: Partial<UserDocument>,
    facts: Parameters<typeof isOfChosenGroup>[1],
    settings: Parameters<typeof judgeDocument>[1] = withGroup,
  ) => isOfChosenGroup(judgeDocument(document(over), settings), facts, settings);

  it('counts where the chosen group is behind it, or nobody knows what is', () => {
    assert.ok(isBelieved({}, factsOf(GROUP, true)));
    assert.ok(isBelieved({ status: 'out-of-scope' }, factsOf(GROUP, false)));
    assert.ok(isBelieved({}, null));
  });

  it('does not after another group was chosen, nor after everyone was in between', () => {
    assert.ok(!isBelieved({}, factsOf(ADA, true)));
    assert.ok(!isBelieved({ status: 'out-of-scope' }, factsOf(ADA, false)));
    assert.ok(!isBelieved({}, { membership: null }));
    assert.ok(!isBelieved({}, factsOf(GROUP, false)), 'out before everyone was let in');
  });

  it('matters to nobody who may not enter anyhow, nor without a group', () => {
    assert.ok(isBelieved({ status: 'disabled' }, factsOf(ADA, true)));
    assert.ok(isBelieved({}, { membership: null }, withoutGroup));
  });
});

describe('guests who were turned off', () => {
  it('are out at once, though their documents still say active until the read that takes them out', () => {
    const guest = document({ userType: 'Guest', groupPath: [] });
    const refused = judgeDocument(guest, { groupId: null, includeGuests: false });
    assert.deepEqual([refused.allowed, refused.why], [false, 'guest']);
    assert.equal(judgeDocument(guest, withoutGroup).allowed, true);
    assert.equal(judgeDocument(guest, { ...withGroup, includeGuests: false }).why, 'in-group', 'the group says who');
  });
});

describe('the gate by the settings', () => {
  it('is shut for everyone without User Sync, in words that say so', () => {
    const now = new Date(at);
    const verdict = judgeSettings({ features: { userSync: false, mfaVerification: true } }, now);
    assert.ok(verdict);
    assert.deepEqual([verdict.allowed, verdict.by, verdict.asOf], [false, 'settings', at]);
    assert.match(toGateWords(verdict), /needs User Sync, which is off/);
    assert.equal(judgeSettings({ features: { userSync: true, mfaVerification: false } }, now), null);
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

describe('roles', () => {
  const person = { tenantId: TENANT, userId: ADA, userPrincipalName: 'Ada@example.org' };
  const none = { person, operators: [], inOperatorGroup: false, admins: undefined, inAdminGroup: false };

  it('come from names, without case, or from the group of admins', () => {
    assert.equal(toRole(none), 'member');
    assert.equal(toRole({ ...none, operators: [`${TENANT.toUpperCase()}/ADA@example.org`] }), 'operator');
    assert.equal(toRole({ ...none, operators: [`${TENANT}/${ADA}`] }), 'operator');
    assert.equal(toRole({ ...none, admins: { people: ['ada@EXAMPLE.org'], groupId: null } }), 'tenant-admin');
    assert.equal(toRole({ ...none, admins: { people: [], groupId: GROUP }, inAdminGroup: true }), 'tenant-admin');
  });

  it('operators are named by a group too, which is nobody’s name', () => {
    const operators = [`${TENANT}/ada@example.org`, `${TENANT}/Group:${GROUP.toUpperCase()}`, `${GROUP}/group:${ADA}`];
    assert.deepEqual(toOperators(operators, TENANT), { people: ['ada@example.org'], groupIds: [GROUP] });
    assert.equal(toRole({ ...none, inOperatorGroup: true }), 'operator');
    assert.equal(toRole({ ...none, operators: [`${TENANT}/group:${ADA}`] }), 'member');
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
