import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MfaDocument, MfaRegistration } from '@muster/contracts';
import { toMfaRow } from '@muster/test-support';
import { mfaToTake, projectMfa, type KnownMfa, type SeenMfa } from './project-mfa.js';
import { mayKeepMfa, type Scope } from './scope.js';

const tenantId = '10000000-0000-4000-8000-000000000000';
const userId = '20000000-0000-4000-8000-000000000000';
const scope: Scope = {
  tenantId,
  groupId: null,
  includeGuests: true,
  features: { userSync: true, mfaVerification: true },
  createdAt: '2025-01-01T00:00:00.000Z',
};
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();
const now = new Date(at(100_000));
const row = (fields: Partial<MfaRegistration> = {}): MfaRegistration => toMfaRow(userId, fields);
const seen = (second: number, seenRow: MfaRegistration | null, source: SeenMfa['source'] = 'request'): SeenMfa => ({
  userId,
  observedAt: at(second),
  source,
  row: seenRow,
});

function run(observations: readonly SeenMfa[]) {
  let known = null as KnownMfa | null;
  const revisions: number[] = [];
  for (const one of observations) {
    const verdict = projectMfa({ known, seen: [one], scope, now });
    if (verdict.kind === 'write') {
      known = { document: verdict.document, facts: verdict.facts };
      revisions.push(verdict.document.revision);
    } else if (verdict.kind === 'touch' && known) {
      known = { document: { ...known.document, observedAt: verdict.observedAt }, facts: verdict.facts };
    }
  }
  return { document: known?.document, revisions };
}
const visible = (document: MfaDocument | undefined) => (document ? { ...document, revision: 0 } : null);

const history = fc
  .array(
    fc.option(
      fc.record({
        isMfaCapable: fc.boolean(),
        isMfaRegistered: fc.boolean(),
        methodsRegistered: fc.subarray(['fido2', 'email']),
      }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((rows) => rows.map((fields, index) => seen(index + 1, fields && row(fields))));
const historyAndOrder = history.chain((observations) =>
  fc.record({
    observations: fc.constant(observations),
    order: fc.shuffledSubarray([...observations, ...observations], { minLength: observations.length * 2 }),
  }),
);

describe('projectMfa', () => {
  it('gives the same document for any order and repetition of the same rows', () => {
    fc.assert(
      fc.property(historyAndOrder, ({ observations, order }) => {
        assert.deepEqual(visible(run(order).document), visible(run(observations).document));
      }),
      { numRuns: 500 },
    );
  });

  it('numbers the changes from one without a gap', () => {
    fc.assert(
      fc.property(historyAndOrder, ({ order }) => {
        const { revisions } = run(order);
        assert.deepEqual(
          revisions,
          revisions.map((_, index) => index + 1),
        );
      }),
    );
  });

  it('keeps the last good row, marked stale, when a complete report no longer has the person', () => {
    const { document } = run([seen(1, row()), seen(2, null)]);
    assert.deepEqual([document?.state, document?.stale, document?.isMfaCapable], ['capable', true, true]);
    assert.equal(run([seen(1, row()), seen(2, null), seen(3, row())]).document?.stale, false);
  });

  it('says unknown, never no, of someone whom the newest report no longer has and an older one had without MFA', () => {
    const none = row({ isMfaRegistered: false, isMfaCapable: false, methodsRegistered: [], reportedAt: at(1) });
    const { document } = run([seen(1, none), seen(2, null)]);
    assert.deepEqual([document?.state, document?.stale, document?.reportedAt], ['unknown', true, at(1)]);
    assert.equal(run([seen(1, none), seen(2, null), seen(3, none)]).document?.state, 'not-registered');
  });

  it('says unknown, never no, of someone whom no report ever had', () => {
    assert.equal(run([seen(1, null)]).document?.state, 'unknown');
  });

  it('takes a newer date of the report alone for no change, and a full read then costs no write', () => {
    const { document } = run([seen(1, row())]);
    const known = { document: document!, facts: { rowObservedAt: at(1) } };
    const newer = row({ reportedAt: at(50) });
    assert.equal(projectMfa({ known, seen: [seen(2, newer, 'full')], scope, now }).kind, 'ignore');
    assert.equal(projectMfa({ known, seen: [seen(2, newer)], scope, now }).kind, 'touch');
  });
});

describe('mayKeepMfa', () => {
  const told = seen(1, row(), 'full');

  it('keeps rows of people in scope only, where a group says who that is', () => {
    const grouped = { ...scope, groupId: userId };
    assert.equal(mayKeepMfa(grouped, null), false);
    assert.equal(mayKeepMfa(grouped, { status: 'out-of-scope' }), false);
    assert.equal(mayKeepMfa(grouped, { status: 'deleted' }), false);
    assert.equal(mayKeepMfa(grouped, { status: 'disabled' }), true);
    assert.equal(mayKeepMfa(scope, null), true);
    assert.equal(mayKeepMfa({ ...grouped, features: { userSync: false, mfaVerification: true } }, null), true);
  });

  it('keeps none of a guest whom the settings leave out, nor of the deleted, where there is no group', () => {
    assert.equal(mayKeepMfa(scope, { status: 'out-of-scope' }), false);
    assert.equal(mayKeepMfa(scope, { status: 'deleted' }), false);
    assert.equal(mayKeepMfa(scope, { status: 'active' }), true);
    const mfaOnly = { ...scope, features: { userSync: false, mfaVerification: true } };
    assert.equal(mayKeepMfa(mfaOnly, { status: 'deleted' }), true, 'the documents of people are not kept true');
  });

  it('takes of the others only that the report no longer has them, where there is a row', () => {
    const gone = { ...told, row: null };
    assert.deepEqual(mfaToTake([told, gone], { mayKeep: true, isKnown: false }), [told, gone]);
    assert.deepEqual(mfaToTake([told, gone], { mayKeep: false, isKnown: true }), [gone]);
    assert.deepEqual(mfaToTake([told, gone], { mayKeep: false, isKnown: false }), []);
  });
});
