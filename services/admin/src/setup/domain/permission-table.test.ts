import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toPermissionTable, type Probed } from './permission-table.js';

const wanted = { features: { userSync: true, mfaVerification: true }, groupId: 'g', consent: 'delegated' } as const;
const proved: Probed = { outcome: 'proved', why: null };

describe('the permission truth table', () => {
  it('what a probe showed counts, whatever the token says; the rest is told by the token', () => {
    const everything = ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All', 'Group.Read.All'];
    fc.assert(
      fc.property(fc.subarray(everything), fc.constantFrom('proved', 'missing', 'unknown'), (granted, outcome) => {
        const report: Probed = { outcome, why: outcome === 'missing' ? 'licence' : null };
        const table = toPermissionTable(wanted, { granted, probes: { report } });
        const of = (permission: string) => table.find((row) => row.permission === permission)!;
        assert.deepEqual([of('AuditLog.Read.All').state, of('AuditLog.Read.All').why], [outcome, report.why]);
        const state = granted.includes('User.Read.All') ? 'proved' : 'missing';
        assert.equal(of('User.Read.All').state, state);
        for (const { state: is, cure, costs } of table) {
          assert.equal(cure === null, is === 'proved');
          assert.ok(costs.length > 0);
        }
      }),
    );
  });

  it('consent, directory role and licence have cures of their own', () => {
    const cureOf = (why: Probed['why']) =>
      toPermissionTable(wanted, { granted: [], probes: { users: proved, report: { outcome: 'missing', why } } }).find(
        ({ permission }) => permission === 'AuditLog.Read.All',
      )?.cure;
    assert.match(cureOf('consent') ?? '', /Delegated permissions\), then sign in and consent/);
    assert.match(cureOf('directory-role') ?? '', /Reports Reader/);
    assert.match(cureOf('licence') ?? '', /P1 or P2/);
  });
});
