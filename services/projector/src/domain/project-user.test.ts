import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DirectoryUser, UserDocument } from '@muster/contracts';
import { toUser } from '@muster/test-support';
import { projectUser, type KnownUser, type SeenUser } from './project-user.js';
import type { Scope } from './scope.js';

const tenantId = '10000000-0000-4000-8000-000000000000';
const userId = '20000000-0000-4000-8000-000000000000';
const groupId = '30000000-0000-4000-8000-000000000000';
const nestedId = '30000000-0000-4000-8000-000000000001';
const features = { userSync: true, mfaVerification: true };
const createdAt = '2025-01-01T00:00:00.000Z';
const everyone: Scope = { tenantId, groupId: null, includeGuests: true, features, createdAt };
const grouped: Scope = { ...everyone, groupId };

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();
const now = new Date(at(100_000));
const person = (fields: Partial<DirectoryUser> = {}): DirectoryUser =>
  toUser({ userId, userPrincipalName: 'a@example.com', ...fields });
const seen = (second: number, fields: Partial<SeenUser>): SeenUser => ({
  userId,
  observedAt: at(second),
  source: 'notification',
  ...fields,
});
const membership = (inGroup: boolean, groupPath: string[] | null = inGroup ? [groupId] : []) => ({
  groupId,
  inGroup,
  groupPath,
});

/** Applies observations one by one, as separate batches would. */
function run(scope: Scope, observations: readonly SeenUser[], start: KnownUser | null = null) {
  let known = start;
  const changes: string[] = [];
  const revisions: number[] = [];
  for (const one of observations) {
    const verdict = projectUser({ known, seen: [one], scope, now });
    if (verdict.kind === 'write') {
      known = { document: verdict.document, facts: verdict.facts };
      changes.push(verdict.change);
      revisions.push(verdict.document.revision);
    } else if (verdict.kind === 'touch' && known) {
      known = { document: { ...known.document, observedAt: verdict.observedAt }, facts: verdict.facts };
    }
  }
  return { known, changes, revisions };
}

/** What people read: how often it changed is left out, and of the deleted all but the fact. */
function visible(document: UserDocument | undefined): object | undefined {
  if (!document) return undefined;
  const { revision, changedAt, ...rest } = document;
  assert.ok(revision > 0 && changedAt !== '');
  const { status, observedAt, ssoEnabled, inGroup, groupPath } = rest;
  return status === 'deleted' ? { status, observedAt, ssoEnabled, inGroup, groupPath } : rest;
}

const anyUser = fc.record({
  displayName: fc.constantFrom('Anna', 'Berta', null),
  accountEnabled: fc.boolean(),
  department: fc.constantFrom('Sales', null),
});
const anyMembership = fc.constantFrom(
  membership(true),
  membership(true, [groupId, nestedId]),
  membership(true, null),
  membership(false),
);
const anySight = (withUser: boolean): fc.Arbitrary<Partial<SeenUser>> =>
  fc.oneof(
    fc.record({ user: anyUser.map(person), membership: anyMembership }),
    ...(withUser
      ? [
          fc.record({ user: fc.oneof(anyUser.map(person), fc.constant(null)) }),
          fc.record({ membership: anyMembership }),
        ]
      : []),
  );
const history = fc
  .array(anySight(true), { minLength: 1, maxLength: 8 })
  .map((sights) => sights.map((sight, index) => seen(index + 1, sight)));
const shuffledTwice = (observations: readonly SeenUser[]) =>
  fc.shuffledSubarray([...observations, ...observations], { minLength: observations.length * 2 });
const historyAndOrder = history.chain((observations) =>
  fc.record({ observations: fc.constant(observations), order: shuffledTwice(observations) }),
);

describe('projectUser', () => {
  it('gives the same document for any order and repetition of the same observations, without a group', () => {
    fc.assert(
      fc.property(historyAndOrder, ({ observations, order }) => {
        const expected = run(everyone, observations).known?.document;
        assert.deepEqual(visible(run(everyone, order).known?.document), visible(expected));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same document for any order and repetition, with a group, of a person who is known', () => {
    const start = run(grouped, [seen(0, { user: person(), membership: membership(true) })]).known;
    fc.assert(
      fc.property(historyAndOrder, ({ observations, order }) => {
        const expected = run(grouped, observations, start).known?.document;
        assert.deepEqual(visible(run(grouped, order, start).known?.document), visible(expected));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same document whether a batch holds one observation or all', () => {
    fc.assert(
      fc.property(historyAndOrder, ({ order }) => {
        const verdict = projectUser({ known: null, seen: order, scope: everyone, now });
        const merged = verdict.kind === 'write' ? verdict.document : undefined;
        assert.deepEqual(visible(merged), visible(run(everyone, order).known?.document));
      }),
    );
  });

  it('numbers the changes from one without a gap, and says created or deleted first', () => {
    fc.assert(
      fc.property(historyAndOrder, ({ order }) => {
        const { revisions, changes } = run(everyone, order);
        assert.deepEqual(
          revisions,
          revisions.map((_, index) => index + 1),
        );
        assert.ok(['created', 'deleted'].includes(changes[0] ?? 'created'));
        assert.ok(!changes.slice(1).includes('created'));
      }),
    );
  });

  it('never lets an older observation win', () => {
    fc.assert(
      fc.property(history, anySight(false), ([...observations], sight) => {
        const newest = seen(50, { user: person({ jobTitle: 'newest' }), membership: membership(true) });
        const { known } = run(grouped, [...observations, newest]);
        const older = seen(49, sight);
        assert.deepEqual(projectUser({ known, seen: [older], scope: grouped, now }), { kind: 'ignore' });
      }),
    );
  });

  it('decides between two reads of one instant the same way in either order, and for the deletion', () => {
    const [one, other] = [
      seen(1, { user: person({ displayName: 'A' }) }),
      seen(1, { user: person({ displayName: 'B' }) }),
    ];
    assert.deepEqual(
      visible(run(everyone, [one, other]).known?.document),
      visible(run(everyone, [other, one]).known?.document),
    );
    const gone = seen(1, { user: null });
    for (const order of [
      [one, gone],
      [gone, one],
    ]) {
      assert.equal(run(everyone, order).known?.document.status, 'deleted');
    }
  });

  it('names each change by the first that fits', () => {
    const inside = membership(true);
    const steps: [Partial<SeenUser>, string][] = [
      [{ user: person(), membership: inside }, 'created'],
      [{ user: person({ displayName: 'New' }), membership: inside }, 'updated'],
      [{ user: person({ accountEnabled: false, displayName: 'Off' }), membership: inside }, 'disabled'],
      [{ user: person(), membership: inside }, 'enabled'],
      [{ membership: membership(false) }, 'left-scope'],
      [{ user: person({ accountEnabled: false }) }, 'updated'],
      [{ membership: inside }, 'entered-scope'],
      [{ user: null }, 'deleted'],
      [{ user: person(), membership: inside }, 'restored'],
      [{ user: null }, 'deleted'],
    ];
    const { changes } = run(
      grouped,
      steps.map(([sight], index) => seen(index + 1, sight)),
    );
    assert.deepEqual(
      changes,
      steps.map(([, change]) => change),
    );
  });

  it('lets only active people of the group sign in', () => {
    const statusOf = (...sights: Partial<SeenUser>[]) => {
      const { status, ssoEnabled, inGroup, groupPath } = run(
        grouped,
        sights.map((sight, index) => seen(index + 1, sight)),
      ).known!.document;
      return { status, ssoEnabled, inGroup, groupPath };
    };
    const inside = { user: person(), membership: membership(true, [groupId, nestedId]) };
    const out = { inGroup: false, groupPath: [], ssoEnabled: false };
    const path = [groupId, nestedId];
    assert.deepEqual(statusOf(inside), { status: 'active', ssoEnabled: true, inGroup: true, groupPath: path });
    assert.deepEqual(statusOf(inside, { user: person({ accountEnabled: false }) }), {
      status: 'disabled',
      ssoEnabled: false,
      inGroup: true,
      groupPath: path,
    });
    assert.deepEqual(statusOf(inside, { membership: membership(false) }), { status: 'out-of-scope', ...out });
    assert.deepEqual(statusOf(inside, { user: null }), { status: 'deleted', ...out });
  });

  it('keeps the known path when a read told only whether the person is in the group', () => {
    const { known, changes } = run(grouped, [
      seen(1, { user: person(), membership: membership(true, [groupId, nestedId]) }),
      seen(2, { user: person(), membership: membership(true, null) }),
    ]);
    assert.deepEqual(changes, ['created']);
    assert.deepEqual(known?.document.groupPath, [groupId, nestedId]);
    assert.equal(known.document.observedAt, at(2));
  });

  it('tells no way of who is in by a read that did not say which: not the direct one either', () => {
    const read = seen(1, { user: person(), membership: membership(true, null) });
    const { known } = run(grouped, [read]);
    assert.deepEqual([known?.document.inGroup, known?.document.groupPath], [true, []]);
    const told = run(grouped, [seen(0, { membership: membership(true, [groupId, nestedId]) })], known);
    assert.deepEqual([told.changes, told.known?.document.groupPath], [['updated'], [groupId, nestedId]]);
  });

  it('keeps a path that was told before the read which told only whether, and forgets it when the person was out', () => {
    const nested = seen(1, { membership: membership(true, [groupId, nestedId]) });
    const out = seen(2, { membership: membership(false) });
    const read = seen(3, { user: person(), membership: membership(true, null) });
    const pathAfter = (...observations: SeenUser[]) => run(grouped, observations).known?.document.groupPath;
    assert.deepEqual(pathAfter(read, nested), [groupId, nestedId]);
    assert.deepEqual(pathAfter(read, nested, out), []);
    assert.deepEqual(pathAfter(read, out, nested), []);
  });

  it('makes no document of outsiders, gone or not, and reads a member of whom nothing is known', () => {
    const verdict = (sight: Partial<SeenUser>) =>
      projectUser({ known: null, seen: [seen(1, sight)], scope: grouped, now });
    assert.deepEqual(verdict({ user: person() }), { kind: 'ignore' });
    assert.deepEqual(verdict({ user: person(), membership: membership(false) }), { kind: 'ignore' });
    assert.deepEqual(verdict({ user: null }), { kind: 'ignore' });
    assert.deepEqual(verdict({ membership: membership(false) }), { kind: 'ignore' });
    assert.deepEqual(verdict({ membership: membership(true) }), { kind: 'read' });
  });

  it('joins a membership and the person that one batch saw apart', () => {
    const apart = [seen(1, { membership: membership(true) }), seen(2, { user: person() })];
    const verdict = projectUser({ known: null, seen: apart, scope: grouped, now });
    assert.equal(verdict.kind === 'write' && verdict.document.status, 'active');
  });

  it('ignores the membership of a group that is no longer the chosen one', () => {
    const other = { groupId: nestedId, inGroup: false, groupPath: [] };
    const { changes } = run(grouped, [
      seen(1, { user: person(), membership: membership(true) }),
      seen(2, { membership: other }),
    ]);
    assert.deepEqual(changes, ['created']);
  });

  it('leaves people as they are when a group was just chosen, until their membership is seen', () => {
    const start = run(everyone, [seen(1, { user: person() })]).known;
    const unread = run(grouped, [seen(2, { user: person({ displayName: 'New' }) })], start);
    assert.deepEqual([unread.changes, unread.known?.document.status], [['updated'], 'active']);
    const told = run(grouped, [seen(3, { membership: membership(false) })], unread.known);
    assert.deepEqual([told.changes, told.known?.document.status], [['left-scope'], 'out-of-scope']);
  });

  it('takes guests by the setting, where there is no group', () => {
    const guest = seen(1, { user: person({ userType: 'Guest' }) });
    assert.deepEqual(run(everyone, [guest]).changes, ['created']);
    assert.deepEqual(run({ ...everyone, includeGuests: false }, [guest]).changes, []);
  });

  it('costs no write when a full read says nothing new, but advances observedAt for the others', () => {
    const known = run(everyone, [seen(1, { user: person() })]).known;
    const again = (source: SeenUser['source']) =>
      projectUser({ known, seen: [seen(2, { user: person(), source })], scope: everyone, now }).kind;
    assert.equal(again('full'), 'ignore');
    for (const source of ['notification', 'delta', 'request'] as const) assert.equal(again(source), 'touch');
  });

  it('has a fresh document read again when a full read contradicts it', () => {
    const known = run(everyone, [seen(1, { user: person() })]).known;
    const full = [seen(2, { user: person({ displayName: 'Old' }), source: 'full' })];
    const verdict = (minutes: number) =>
      projectUser({ known, seen: full, scope: everyone, now: new Date(now.getTime() + minutes * 60_000) }).kind;
    assert.deepEqual([verdict(14), verdict(16)], ['read', 'write']);
  });
});
