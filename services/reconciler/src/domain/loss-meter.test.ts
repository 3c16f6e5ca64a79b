import assert from 'node:assert/strict';
import type { SweepRecord, UserDocument } from '@muster/contracts';
import { toUser } from '../../test/support/tenant.js';
import {
  addVerdict,
  countedBefore,
  emptyTally,
  judgeFullRow,
  judgeRow,
  judgeSuspects,
  leaveOut,
  MOST_KEPT,
  toSince,
  type KnownRow,
} from './loss-meter.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const since = { seen: at(10), found: new Set(['b']) };
const document = (fields: Partial<UserDocument> = {}): UserDocument => ({
  ...toUser('a'),
  tenantId: 't',
  status: 'active',
  ssoEnabled: true,
  inGroup: true,
  groupPath: [],
  revision: 1,
  observedAt: at(0),
  changedAt: at(0),
  ...fields,
});
const known = (second: number, fields: Partial<UserDocument> = {}, found: number | null = null): KnownRow => ({
  document: document(fields),
  notifiedAt: at(second),
  foundAt: found === null ? null : at(found),
});

describe('judgeRow', () => {
  const same = { userId: 'a', user: toUser('a') };
  const renamed = { userId: 'a', user: { ...toUser('a'), displayName: 'Bea' } };
  const gone = { userId: 'a', user: null };
  const cases = [
    ['a document that says it and was notified since', same, known(11), 'announced'],
    ['a document that said it before', same, known(9), 'repeat'],
    [
      'a document that says it since an earlier try of this sweep, a full read or a request',
      same,
      known(9, {}, 13),
      'found',
    ],
    ['a document that another read found so while the sweep before went on', same, known(9, {}, 11), 'found'],
    ['a document that another read found so ahead of it', same, known(9, {}, 10), 'repeat'],
    ['a person told again whom the sweep before had found', { ...same, userId: 'b' }, known(9, {}, 12), 'repeat'],
    ['a document that another read found so, and a notification named', same, known(11, {}, 13), 'announced'],
    ['a document of which no notification ever told', same, { ...known(0), notifiedAt: null }, 'repeat'],
    ['a document that was notified since and still differs', renamed, known(11), 'stale'],
    ['a document that differs and nothing was notified since', renamed, known(9), 'found'],
    ['a deletion that was notified and waits for an admin', gone, known(11), 'stale'],
    ['somebody without a document', same, null, 'found'],
    ['somebody gone of whom nothing was known', gone, null, 'repeat'],
    ['somebody gone whose document says so', gone, known(11, { status: 'deleted' }), 'announced'],
    ['somebody gone whose document does not say so', gone, known(9), 'found'],
    ['somebody restored whose document says deleted', same, known(9, { status: 'deleted' }), 'found'],
  ] as const;
  for (const [what, row, given, verdict] of cases)
    it(`${what}: ${verdict}`, () => assert.equal(judgeRow(row, given, since), verdict));
});

describe('judgeFullRow', () => {
  const same = { userId: 'a', user: toUser('a') };
  it('takes somebody whose document agrees for announced only where it changed since', () => {
    assert.equal(judgeFullRow(same, known(11, { changedAt: at(11) }), at(10)), 'announced');
    assert.equal(judgeFullRow(same, known(11, { changedAt: at(10) }), at(10)), 'repeat');
    assert.equal(judgeFullRow(same, known(11, { displayName: 'Bea' }), at(10)), 'stale');
    assert.equal(judgeFullRow(same, known(9, { displayName: 'Bea' }), at(10)), 'found');
  });
});

describe('addVerdict', () => {
  it('keeps no more people than a record has room for, however many changed at once', () => {
    const tally = emptyTally();
    const soon = { ...known(11, { changedAt: at(11) }), notifiedAt: at(40) };
    for (let one = 0; one < MOST_KEPT + 5; one += 1) {
      const person = { userId: `p${one}`, observedAt: at(20), to: at(30) };
      addVerdict(tally, 'found', { ...person, known: null });
      addVerdict(tally, 'announced', { ...person, known: soon });
    }
    assert.deepEqual([tally.found, tally.announced], [MOST_KEPT + 5, MOST_KEPT + 5]);
    assert.deepEqual([tally.suspects.length, tally.ahead.length], [MOST_KEPT, MOST_KEPT]);
  });
});

describe('judgeSuspects', () => {
  const sweep: SweepRecord = {
    sweepId: 's',
    integrationId: 'i',
    tenantId: 't',
    from: at(0),
    to: at(30),
    state: 'covered',
    rows: 20,
    announced: 10,
    found: 3,
    lost: 0,
    worstDelayMs: 0,
    suspects: [
      { userId: 'late', observedAt: at(20) },
      { userId: 'lost', observedAt: at(30) },
      { userId: 'unknown', observedAt: at(25) },
    ],
    judgedAt: null,
  };

  it('counts as lost whom no notification named since the sweep before, with the worst delay; the others came late', () => {
    const notifiedAt = (userId: string) => ({ late: at(1), lost: at(0) })[userId] ?? null;
    const judged = judgeSuspects(sweep, notifiedAt, at(200));
    assert.deepEqual(
      [judged.announced, judged.found, judged.lost, judged.worstDelayMs, judged.suspects, judged.judgedAt],
      [11, 3, 2, 30_000, [], at(200)],
    );
  });

  it('gives up whom the first sweep behind a full read counts, which then begins where that interval ends', () => {
    const closed: SweepRecord = { ...sweep, closedBy: 'full', ahead: ['soon', 'near'] };
    const left = leaveOut(closed, new Set(['soon', 'late', 'somebody']));
    assert.deepEqual([left.announced, left.found, left.ahead], [9, 2, ['near']]);
    assert.deepEqual(
      left.suspects.map(({ userId }) => userId),
      ['lost', 'unknown'],
    );
    assert.deepEqual([...countedBefore([left])], ['lost', 'unknown', 'near']);
    const cursor = { takenAt: at(30), baselineEndedAt: at(40) };
    assert.equal(toSince(cursor, closed).seen, at(30));
    assert.equal(toSince(cursor, null).seen, at(40), 'a first load is no matter of notifications');
    assert.deepEqual(judgeSuspects(closed, () => null, at(200)).ahead, []);
  });
});
