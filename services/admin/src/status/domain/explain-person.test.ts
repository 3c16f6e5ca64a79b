import assert from 'node:assert/strict';
import type { MfaDocument, PersonRead, UserDocument } from '@muster/contracts';
import { toMfaRow, toUserDocument } from '@muster/test-support';
import { explainPerson, type ExplainFacts } from './explain-person.js';

const now = new Date('2026-03-01T12:00:00.000Z');
const ago = (seconds: number): string => new Date(now.getTime() - seconds * 1_000).toISOString();
const document = (fields: Partial<UserDocument> = {}): UserDocument =>
  toUserDocument({
    ...{ userId: 'u', tenantId: 't', userPrincipalName: null, displayName: 'Ann', revision: 3 },
    ...{ groupPath: ['chosen', 'staff', 'team'], observedAt: ago(90), changedAt: ago(3_600) },
    ...fields,
  });
const read = (fields: Partial<PersonRead> = {}): PersonRead => ({
  integrationId: 'i',
  tenantId: 't',
  userId: 'u',
  requestedAt: ago(4),
  requestedBy: 'key 1',
  readAt: ago(3),
  found: 'yes',
  accountEnabled: true,
  userType: 'Member',
  inGroup: true,
  groupPath: ['chosen'],
  mfa: null,
  failure: null,
  ...fields,
});
const mfa = (fields: Partial<MfaDocument>): MfaDocument => ({
  ...toMfaRow('u', { methodsRegistered: [], reportedAt: ago(7_200) }),
  ...{ tenantId: 't', state: 'capable', revision: 1, observedAt: ago(60), changedAt: ago(60), stale: false },
  ...fields,
});
const facts: ExplainFacts = {
  settings: {
    state: 'active',
    groupId: 'chosen',
    includeGuests: true,
    features: { userSync: true, mfaVerification: true },
  },
  document: document(),
  mfa: null,
  reportReadAt: null,
  read: null,
  groupNames: new Map([
    ['chosen', 'Product'],
    ['staff', 'Staff'],
    ['team', 'Team A'],
  ]),
  isGroupGone: false,
  held: null,
  history: [],
};
const everyone = { ...facts.settings, groupId: null };
const out = { status: 'out-of-scope' as const, inGroup: false, groupPath: [] };

type Case = [what: string, facts: Partial<ExplainFacts>, inScope: boolean | null, ...sentences: RegExp[]];
const CASES: Case[] = [
  ['nested', {}, true, /^In scope: a member of Team A, which is in Staff, which is in the chosen group Product\./],
  ['direct', { document: document({ groupPath: ['chosen'] }) }, true, /a direct member of the chosen group Product/],
  ['last changed', {}, true, /^Last changed 2026-03-01T11:00:00.000Z \(revision 3\); last seen .* 90 s ago\.$/],
  [
    'since when: not by the new name that came later',
    {
      history: [
        { type: 'muster.user.updated', changedAt: ago(3_600) },
        { type: 'muster.user.entered-scope', changedAt: ago(7_200) },
        { type: 'muster.user.left-scope', changedAt: ago(9_000) },
        { type: 'muster.user.created', changedAt: ago(90_000) },
      ],
    },
    true,
    /^In scope since 2026-03-01T10:00:00.000Z\.$/,
  ],
  [
    'out since when',
    { document: document(out), history: [{ type: 'muster.user.left-scope', changedAt: ago(9_000) }] },
    false,
    /^So since 2026-03-01T09:30:00.000Z\.$/,
  ],
  ['disabled', { document: document({ status: 'disabled' }) }, true, /^In scope/, /disabled, so sign-in is refused/],
  ['no group', { settings: everyone, document: document({ groupPath: [] }) }, true, /everyone in the tenant is/],
  ['left', { document: document(out) }, false, /not in the chosen group Product, neither directly/],
  ['group gone', { document: document(out), isGroupGone: true }, false, /: the chosen group Product was deleted in/],
  [
    'a guest',
    { settings: { ...everyone, includeGuests: false }, document: document({ ...out, userType: 'Guest' }) },
    false,
    /a guest, and guests are left out/,
  ],
  ['deleted', { document: document({ ...out, status: 'deleted' }) }, false, /deleted in Microsoft 365/],
  ['nobody knows', { document: null }, null, /keeps nothing .* Sync the person to look now/],
  ['read: outside', { document: null, read: read({ inGroup: false }) }, false, /not in the chosen group Product/],
  ['read: inside', { document: null, read: read() }, true, /the document follows/],
  ['read: deleted', { document: null, read: read({ found: 'soft', inGroup: null }) }, false, /can be restored/],
  ['read: never there', { document: null, read: read({ found: 'hard', inGroup: null }) }, false, /no such person/],
  [
    'read: failed',
    { document: null, read: read({ found: 'unknown', failure: { code: 'x', message: 'Graph is away.' } }) },
    null,
    /The read that was asked for 4 s ago failed: Graph is away\./,
  ],
  ['read: left just now', { read: read({ inGroup: false }) }, true, /The read of 4 s ago says not in the group/],
  ['a plan waits', { held: { planId: 'p', state: 'waiting' } }, true, /A removal waits for an admin: plan p/],
  [
    'a plan waits, in the answer',
    { held: { planId: 'p', state: 'waiting' } },
    true,
    /^In scope: kept while the removal/,
  ],
  [
    'kept by an admin',
    { held: { planId: 'p', state: 'refused' }, read: read({ inGroup: false }) },
    true,
    /^In scope: kept by an admin, who refused the removal\. May sign in\.$/,
    /^An admin refused the removal of this person: plan p\.$/,
    /says not in the group; the person is kept all the same\.$/,
  ],
  [
    'read: deleted just now',
    { read: read({ found: 'soft', inGroup: null }) },
    true,
    /The read of 4 s ago says deleted; the document follows/,
  ],
  ['the way is not told yet', { document: document({ groupPath: [] }) }, true, /group; the way is not known yet\. May/],
  [
    'a nested group that is out of the tree',
    { groupNames: new Map([['chosen', 'Product']]), document: document({ groupPath: ['chosen', 'team'] }) },
    true,
    /a member of the group team, which is in the chosen group Product/,
  ],
  ['paused', { settings: { ...facts.settings, state: 'paused' } }, true, /paused: nothing is read now/],
  ['MFA: no row', {}, true, /^MFA: unknown, for Microsoft's report has no row/],
  [
    'MFA: disabled',
    { document: document({ status: 'disabled' }) },
    true,
    /^MFA: unknown, .* leaves disabled people out/,
  ],
  [
    'MFA: capable',
    { mfa: mfa({}) },
    true,
    /^MFA: registered, and allowed by policy \(Microsoft's report, read 60 s ago\)\.$/,
  ],
  [
    'MFA: the same since days, by a report that was read just now',
    { mfa: mfa({ observedAt: ago(400_000), reportedAt: ago(500_000) }), reportReadAt: ago(120) },
    true,
    /^MFA: .* \(Microsoft's report, read 2 min ago\)\.$/,
  ],
  [
    'MFA: read for this person since',
    { mfa: mfa({}), reportReadAt: ago(3_600) },
    true,
    /^MFA: .* \(Microsoft's report, read 60 s ago\)\.$/,
  ],
  [
    'MFA: registered',
    { mfa: mfa({ state: 'registered', stale: true }) },
    true,
    /no method that policy allows .* no longer/,
  ],
  ['MFA: not registered', { mfa: mfa({ state: 'not-registered' }) }, true, /^MFA: not registered/],
];

describe('explainPerson', () => {
  for (const [what, given, inScope, ...sentences] of CASES)
    it(what, () => {
      const told = explainPerson({ ...facts, ...given }, now);
      assert.equal(told.inScope, inScope);
      for (const sentence of sentences)
        assert.ok(
          told.sentences.some((one) => sentence.test(one)),
          `${String(sentence)} is not in:\n${told.sentences.join('\n')}`,
        );
    });

  it('does not guess since when, where the history does not reach back', () => {
    const history = [{ type: 'muster.user.updated' as const, changedAt: ago(60) }];
    assert.equal(explainPerson({ ...facts, history }, now).since, null);
  });

  it('tells the way with names, from the chosen group down; of who is out there is none', () => {
    assert.deepEqual(
      explainPerson(facts, now).path.map(({ displayName }) => displayName),
      ['Product', 'Staff', 'Team A'],
    );
    assert.deepEqual(explainPerson({ ...facts, document: document(out) }, now).path, []);
  });

  it('says nothing of MFA where it is not verified, or of who is out of scope', () => {
    const off = { ...facts.settings, features: { userSync: true, mfaVerification: false } };
    for (const given of [{ settings: off }, { document: document(out) }])
      assert.ok(!explainPerson({ ...facts, ...given }, now).sentences.some((one) => one.startsWith('MFA')));
  });
});
