import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toRightVerdicts } from './rights.js';
import { listPermissions, toConsentScopes, toGuideSteps, toLeastPrivilege, toRedirectUri } from './setup-guide.js';

const both = { userSync: true, mfaVerification: true };
const redirectUri = toRedirectUri('https://app.example.com');
const guide = (over: Partial<Parameters<typeof toGuideSteps>[0]> = {}) =>
  toGuideSteps({ redirectUri, features: both, groupId: null, consent: 'delegated', ...over });
const textOf = (step: number, steps = guide()) => steps[step - 1]!.lines.map(({ text }) => text).join('\n');

describe('the guide', () => {
  it('has the five steps of the manual, and a place for each of its numbered lines', () => {
    assert.deepEqual(
      guide().map(({ number }) => number),
      [1, 2, 3, 4, 5],
    );
    const lines: [number, RegExp][] = [
      [1, /Entra ID within Azure/],
      [1, /App registrations/],
      [1, /\+ New registration/],
      [1, /Name/],
      [1, /organisational directory only .*Single tenant/],
      [1, /“Web”/],
      [1, /Register/],
      [1, /Application \(client\) ID/],
      [1, /Directory \(tenant\) ID/],
      [2, /Certificates & secrets/],
      [2, /\+ New client secret/],
      [2, /at least 365 days/],
      [2, /Add button/],
      [2, /secret value/],
      [3, /API permissions/],
      [3, /\+ Add a permission/],
      [3, /Microsoft Graph button/],
      [3, /Delegated permissions/],
      [3, /tick the checkbox/],
      [3, /Add permissions button/],
      [
        4,
        /check in Settings › Integrations › Microsoft 365 to confirm you have pasted the 3 values correctly before continuing to log in\./,
      ],
      [4, /Press Check/],
      [4, /Sign in and consent/],
      [5, /Groups from the left menu/],
      [5, /create a new group/],
      [5, /Object ID/],
      [5, /Group ID field/],
    ];
    for (const [step, line] of lines) assert.match(textOf(step), line);
  });

  it('gives name, redirect URI and each permission to copy', () => {
    const copied = guide().flatMap(({ lines }) => lines.flatMap(({ copy }) => (copy === null ? [] : [copy])));
    assert.deepEqual(copied, [
      ...['Muster', 'https://app.example.com/oauth2callback/microsoft'],
      ...['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All', 'Reports.Read.All', 'Group.Read.All'],
    ]);
  });

  it('follows the features and the kind of consent', () => {
    const mfaOnly = { userSync: false, mfaVerification: true };
    assert.doesNotMatch(textOf(3, guide({ features: mfaOnly })), /User\.Read\.All/);
    assert.match(textOf(3, guide({ consent: 'application' })), /Application permissions/);
    const needed = (groupId: string | null) =>
      listPermissions({ features: mfaOnly, groupId }).flatMap((one) => (one.needed ? [one.permission] : []));
    assert.deepEqual(needed(null), ['AuditLog.Read.All']);
    assert.deepEqual(needed('g'), ['AuditLog.Read.All', 'GroupMember.Read.All']);
    assert.ok(!toConsentScopes({ features: mfaOnly, groupId: 'g' }).includes('Group.Read.All'), 'nothing is watched');
    // The group is chosen after the consent: its right is listed before, so that it need not be asked twice.
    assert.match(textOf(3, guide({ features: mfaOnly })), /GroupMember\.Read\.All and tick the checkbox \(optional\)/);
    assert.match(
      textOf(3, guide({ features: mfaOnly, groupId: 'g' })),
      /GroupMember\.Read\.All and tick the checkbox\./,
    );
  });

  it('the consent asks for all that is listed, so that repeating it brings what the table says is missing', () => {
    const chosen = fc.constantFrom([true, true], [true, false], [false, true]);
    fc.assert(
      fc.property(chosen, fc.constantFrom(null, 'g'), ([userSync = false, mfaVerification = false], groupId) => {
        const wanted = { features: { userSync, mfaVerification }, groupId };
        const asked = toConsentScopes(wanted);
        assert.deepEqual(asked, [...new Set(listPermissions(wanted).map(({ permission }) => permission))]);
        const missing = toRightVerdicts([], wanted).map(({ permission }) => permission);
        assert.ok(
          missing.every((permission) => asked.includes(permission)),
          `${String(missing)}: ${String(asked)}`,
        );
        assert.ok(
          toLeastPrivilege(wanted.features, { hasGroup: groupId !== null }).every((one) => asked.includes(one)),
        );
      }),
    );
    assert.ok(
      ['Reports.Read.All', 'Group.Read.All'].every((one) =>
        toConsentScopes({ features: both, groupId: null }).includes(one),
      ),
    );
  });

  it('the least privilege needs no group right without a group, and one for MFA alone with it', () => {
    assert.deepEqual(toLeastPrivilege(both, { hasGroup: false }), ['User.Read.All', 'AuditLog.Read.All']);
    assert.deepEqual(toLeastPrivilege({ userSync: false, mfaVerification: true }, { hasGroup: true }), [
      'GroupMember.Read.All',
      'AuditLog.Read.All',
    ]);
  });
});
