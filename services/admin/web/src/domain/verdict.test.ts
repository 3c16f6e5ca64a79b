import assert from 'node:assert/strict';
import type { Pipeline } from './api-types.js';
import { isReportAlone, lastFullRead, oldestSweep, toFullReadNote, toVerdict } from './verdict.js';

const now = new Date('2026-11-25T12:00:00Z');
const pipeline = (over: Partial<Pipeline> = {}): Pipeline => ({
  canaries: { partitions: 12, seen: [], oldestAgeMs: 12_000, slowestMs: 80 },
  projector: { waiting: 0, topics: [] },
  deadLetters: 0,
  deadLettersOpen: 0,
  notices: [],
  ...over,
});
type Facts = Parameters<typeof toVerdict>[0];
const facts = (over: Partial<Facts> = {}): Facts => ({
  state: 'active',
  lag: [],
  cursors: [{ kind: 'users', takenAt: '', sweptAt: '2026-11-25T11:59:50Z', usable: true, failure: null }],
  snapshots: { users: null, mfa: null },
  subscriptions: [],
  ...over,
});
const wordOf = (over: Partial<Facts>, flow: Partial<Pipeline> = {}) => toVerdict(facts(over), pipeline(flow), now).word;

describe('verdict', () => {
  it('an idle tenant that is swept is fresh, and says that nothing changed', () => {
    const { word, sentence } = toVerdict(facts(), pipeline(), now);
    assert.equal(word, 'Fresh');
    assert.equal(sentence, 'Nothing changed in the last 15 minutes. Last sweep 10 s ago.');
  });

  it('nothing that stands still is called fresh', () => {
    const canaries = { partitions: 12, seen: [], oldestAgeMs: 300_000, slowestMs: 80 };
    assert.equal(wordOf({}, { projector: null }), 'Stalled');
    assert.equal(wordOf({}, { canaries }), 'Stalled');
    assert.equal(wordOf({ state: 'paused' }), 'Paused');
    assert.equal(wordOf({}, { projector: { waiting: 5_000, topics: [] } }), 'Catching up');
  });

  it('without a live subscription and without a sweep for a quarter of an hour we see nothing', () => {
    const cursors = [{ kind: 'users', takenAt: '', sweptAt: '2026-11-25T11:40:00Z', usable: true, failure: null }];
    assert.equal(wordOf({ cursors }), 'Blind');
  });

  it('slow changes are said, also when nothing waits', () => {
    const lag = [{ step: 'total' as const, count: 5, p50: 1_000, p95: 300_000, p99: 300_000 }];
    assert.equal(wordOf({ lag }), 'Catching up');
  });
});

describe('last good sweep', () => {
  const cursor = (kind: string, sweptAt: string) => ({ kind, takenAt: '', sweptAt, usable: true, failure: null });
  const read = (state: 'complete' | 'failed' | 'running', startedAt: string) => ({
    ...{ snapshotId: 's', kind: 'users' as const, integrationId: 'i', state, reason: 'daily', rows: 1 },
    ...{ expectedRows: null, startedAt, finishedAt: startedAt, projectedPartitions: 0, partitions: 12, failure: null },
  });
  const noteOf = (over: Partial<Facts>) => toFullReadNote(facts(over), now);

  it('is the oldest of all: a live sweep of the group hides no dead one of people', () => {
    const dead = '2026-11-25T09:00:00Z';
    assert.equal(oldestSweep([cursor('users', dead), cursor('group', '2026-11-25T11:59:55Z')]), dead);
    assert.equal(oldestSweep([cursor('group', '2026-11-25T11:59:55Z'), cursor('users', dead)]), dead);
    assert.equal(oldestSweep([]), null);
  });

  it('a failed read is no full read; the last complete one counts', () => {
    const snapshots = { users: read('failed', '2026-11-25T11:58:00Z'), mfa: null };
    const users = { startedAt: '2026-11-25T07:00:00Z', rows: 10 };
    assert.equal(
      noteOf({ snapshots, completed: { users, mfa: null } }),
      'full read began 5 h ago; the last one failed',
    );
    assert.equal(
      noteOf({ snapshots, completed: { users: null, mfa: null } }),
      'no complete full read yet; the last one failed',
    );
    assert.equal(noteOf({ completed: { users, mfa: null } }), 'full read began 5 h ago');
  });

  it('without User Sync it is the report that is read, and that counts', () => {
    const features = { userSync: false, mfaVerification: true };
    const mfa = { startedAt: '2026-11-25T11:00:00Z', rows: 10 };
    const alone = facts({ features, completed: { users: null, mfa } });
    assert.equal(isReportAlone(alone), true);
    assert.equal(lastFullRead(alone), mfa.startedAt);
    assert.equal(toFullReadNote(alone, now), 'the report was read in full');
    assert.equal(noteOf({ features, completed: { users: mfa, mfa: null } }), 'no complete full read yet');
    assert.equal(isReportAlone(facts()), false, 'an older service says nothing of features');
  });

  it('one that runs does not count yet', () =>
    assert.equal(
      noteOf({ snapshots: { users: read('running', '2026-11-25T11:58:00Z'), mfa: null } }),
      'no complete full read yet',
    ));
});
