import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SnapshotRecord } from '@muster/contracts';
import { at, HOUR, MINUTE, periods, record, settings, started } from '../../test/support/one-integration.js';
import {
  coalesce,
  firstLoadRetryAt,
  FULL_ROUND,
  INTERRUPTED,
  openRequests,
  whatIsDue,
  type Request,
  type Situation,
} from './when-to-run.js';

const failed = (startedMs: number, code = 'graph.unavailable', fields: Partial<SnapshotRecord> = {}) =>
  record(startedMs, { state: 'failed', publishedAt: null, failure: { code, message: 'm' }, ...fields });
const situation = (nowMs: number, history: SnapshotRecord[], more: Partial<Situation> = {}): Situation => ({
  settings,
  history,
  requests: [],
  now: new Date(started + nowMs),
  periods,
  needsFullRound: false,
  ...more,
});
const due = (...given: Parameters<typeof situation>): string[] =>
  whatIsDue(situation(...given)).map(({ kind, reason }) => `${kind}: ${reason}`);
const sweep = (requestedMs: number, fields: Partial<Request> = {}): Request => ({
  kind: 'users',
  urgent: false,
  reason: 'a gap',
  requestedAt: at(requestedMs),
  ...fields,
});

describe('whatIsDue', () => {
  it('loads the users of a new integration at once, and MFA only after them', () => {
    assert.deepEqual(due(0, []), ['users: first load']);
    assert.deepEqual(due(2 * MINUTE, [record(0)]), ['mfa: first load']);
  });

  it('loads MFA without users where only that feature is on', () => {
    const mfaOnly = { settings: { ...settings, features: { userSync: false, mfaVerification: true } } };
    assert.deepEqual(due(0, [], mfaOnly), ['mfa: first load']);
  });

  it('reads the users again 15 min after the first load ended, once', () => {
    const mfa = record(MINUTE, { kind: 'mfa' });
    assert.deepEqual(due(15 * MINUTE, [record(0), mfa]), []);
    assert.deepEqual(due(16 * MINUTE, [record(0), mfa]), ['users: second read after the first load']);
    assert.deepEqual(due(18 * MINUTE, [record(16 * MINUTE), record(0), mfa]), []);
  });

  it('does not count a read on request before the 15 min are over as the second', () => {
    const history = [record(0), record(5 * MINUTE, { reason: 'a gap' }), record(MINUTE, { kind: 'mfa' })];
    assert.deepEqual(due(16 * MINUTE, history), ['users: second read after the first load']);
  });

  it('reads the MFA report hourly and the users daily', () => {
    const history = [record(0), record(16 * MINUTE), record(MINUTE, { kind: 'mfa' })];
    assert.deepEqual(due(HOUR, history), []);
    assert.deepEqual(due(HOUR + MINUTE, history), ['mfa: full read on schedule']);
    // The tick that comes some milliseconds early must not make the reader wait for the next one.
    assert.deepEqual(due(HOUR + MINUTE - 50, history), ['mfa: full read on schedule']);
    const later = [...history, record(24 * HOUR, { kind: 'mfa' })];
    assert.deepEqual(due(24 * HOUR + 16 * MINUTE, later), ['users: full read on schedule']);
  });

  it('leaves paused, removed and draft integrations alone', () => {
    for (const state of ['paused', 'removed', 'draft'] as const)
      assert.deepEqual(due(0, [], { settings: { ...settings, state }, requests: [sweep(0)] }), []);
  });

  it('waits longer after each failure in a row, at most an hour', () => {
    const loaded = record(-20 * HOUR);
    const mfa = record(0, { kind: 'mfa' });
    const later = { settings: { ...settings, startedAt: at(-48 * HOUR), updatedAt: at(-48 * HOUR) }, requests: [] };
    const asked = (nowMs: number, failures: SnapshotRecord[]) =>
      due(nowMs, [loaded, mfa, ...failures], { ...later, requests: [sweep(-1)] });
    assert.deepEqual(asked(1.9 * MINUTE, [failed(0)]), []);
    assert.deepEqual(asked(2 * MINUTE, [failed(0)]), ['users: a gap']);
    assert.deepEqual(asked(2.9 * MINUTE, [failed(0), failed(1)]), []);
    const many = Array.from({ length: 12 }, (_, index) => failed(index));
    assert.deepEqual(asked(59 * MINUTE, many), []);
    assert.ok(asked(62 * MINUTE, many).includes('users: a gap'));
  });

  it('waits no longer than five minutes for the read that gives a token, and as ever for the MFA report', () => {
    const untold = { needsFullRound: true };
    const users = Array.from({ length: 12 }, (_, index) => failed(index));
    assert.deepEqual(due(5.9 * MINUTE, users, untold), []);
    assert.deepEqual(due(6.1 * MINUTE, users, untold), ['users: first load']);
    const mfa = users.map((one) => ({ ...one, kind: 'mfa' as const }));
    const loaded = [record(-MINUTE, { reason: FULL_ROUND }), ...mfa];
    assert.ok(!due(59 * MINUTE, loaded, untold).includes('mfa: first load'));
  });

  it('waits no longer after failures than for what goes well', () => {
    const loaded = record(-20 * HOUR);
    const mfa = record(0, { kind: 'mfa' });
    const failures = Array.from({ length: 12 }, (_, index) =>
      failed(index * MINUTE, 'graph.unavailable', { kind: 'mfa' }),
    );
    const periods = { usersEvery: 24 * HOUR, usersSecondRead: 0, mfaEvery: 10 * MINUTE, sweepMinInterval: 1 };
    const later = { settings: { ...settings, startedAt: at(-48 * HOUR), updatedAt: at(-48 * HOUR) }, periods };
    assert.deepEqual(due(21.9 * MINUTE, [loaded, mfa, ...failures], later), []);
    assert.deepEqual(due(22 * MINUTE, [loaded, mfa, ...failures], later), ['mfa: full read on schedule']);
  });

  it('tries a first load again after seconds, for a person waits for it, and slows down to an hour all the same', () => {
    assert.deepEqual(due(MINUTE + 4_000, [failed(0)]), []);
    assert.deepEqual(due(MINUTE + 5_000, [failed(0)]), ['users: first load']);
    assert.equal(firstLoadRetryAt(situation(MINUTE, [failed(0)])), started + MINUTE + 5_000);
    assert.deepEqual(due(MINUTE + 9_000, [failed(0), failed(1)]), []);
    const many = Array.from({ length: 12 }, (_, index) => failed(index));
    assert.deepEqual(due(60 * MINUTE, many), []);
    assert.deepEqual(due(62 * MINUTE, many), ['users: first load']);
    const mfa = failed(2 * MINUTE, 'graph.no-licence', { kind: 'mfa' });
    assert.equal(firstLoadRetryAt(situation(3 * MINUTE, [record(0), mfa])), started + 3 * MINUTE + 5_000);
    assert.equal(firstLoadRetryAt(situation(MINUTE, [record(0), failed(1)])), null);
  });

  it('tries at once when the settings were saved after the failure', () => {
    const cured = { settings: { ...settings, updatedAt: at(1.01 * MINUTE) } };
    assert.deepEqual(due(1.02 * MINUTE, [failed(0)], cured), ['users: first load']);
  });

  it('loads MFA after a users read that failed late, when its rows were already told', () => {
    const late = failed(0, 'snapshot.count-differs', { publishedAt: at(MINUTE) });
    assert.deepEqual(due(1.05 * MINUTE, [late]), ['mfa: first load']);
  });

  it('goes on with what a crash left behind, and starts anew where there is no link or it is old', () => {
    const left = record(0, { state: 'running', nextLink: 'https://graph/next', publishedAt: null, finishedAt: null });
    assert.equal(whatIsDue(situation(MINUTE, [left]))[0]?.resume, left);
    for (const old of [
      situation(7 * HOUR, [left]),
      situation(MINUTE, [{ ...left, nextLink: null }]),
      situation(MINUTE, [{ ...left, state: 'published' as const }]),
    ])
      assert.deepEqual(whatIsDue(old)[0], { kind: 'users', reason: 'first load', resume: null });
  });

  it('goes on with no read of another group: its tokens would follow that one in the name of the chosen', () => {
    const of = (groupId: string | null) =>
      record(0, {
        state: 'running',
        nextLink: 'https://next',
        scope: { groupId, includeGuests: settings.includeGuests },
      });
    assert.deepEqual(whatIsDue(situation(MINUTE, [of('another')]))[0]?.resume, null);
    const same = of(settings.groupId);
    assert.equal(whatIsDue(situation(MINUTE, [same]))[0]?.resume, same);
  });

  it('does not wait after an interruption of our own', () => {
    assert.deepEqual(due(MINUTE, [failed(0, INTERRUPTED)]), ['users: first load']);
  });
});

describe('whatIsDue, with requests', () => {
  const quiet = [record(0), record(16 * MINUTE), record(16 * MINUTE, { kind: 'mfa' })];

  it('runs for a request that no read answered yet', () => {
    assert.deepEqual(due(20 * MINUTE, quiet, { requests: [sweep(19 * MINUTE)] }), ['users: a gap']);
    assert.deepEqual(due(20 * MINUTE, quiet, { requests: [sweep(15 * MINUTE)] }), []);
  });

  it('lets a sweep wait while failures back off, and not a person', () => {
    const history = [...quiet, failed(20 * MINUTE)];
    assert.deepEqual(due(21.5 * MINUTE, history, { requests: [sweep(21 * MINUTE)] }), []);
    const asked = { requests: [sweep(21 * MINUTE, { urgent: true, reason: 'asked' })] };
    assert.deepEqual(due(21.5 * MINUTE, history, asked), ['users: asked']);
  });

  it('runs at most once an interval, whatever storm of sweeps comes, and is not starved by it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 20_000, max: 120_000 }), { minLength: 1, maxLength: 60 }), (times) => {
        let requests: Request[] = [];
        let history = quiet.map((one) => ({ ...one, startedAt: at(-20_000) }));
        const starts: number[] = [];
        const arriving = times.sort((one, other) => one - other);
        for (let clock = 20_000; clock <= 140_000; clock += 1_000) {
          while (arriving[0] !== undefined && arriving[0] <= clock)
            requests = coalesce(requests, sweep(arriving.shift()!));
          const now = situation(clock, history, { requests });
          requests = openRequests(now);
          if (!whatIsDue(now).some(({ reason }) => reason === 'a gap')) continue;
          starts.push(clock);
          history = [...history, record(clock, { finishedAt: at(clock) })];
        }
        for (const [index, start] of starts.slice(1).entries()) assert.ok(start - starts[index]! >= 10_000);
        assert.ok(starts.length > 0);
        assert.deepEqual(openRequests(situation(140_000, history, { requests })), []);
      }),
    );
  });

  it('makes a full round again when it failed, after the back-off of failures, and five minutes behind one that went well', () => {
    const lost = { needsFullRound: true };
    const round = (startedMs: number, fields: Partial<SnapshotRecord> = {}) =>
      record(startedMs, { reason: FULL_ROUND, ...fields });
    const cut = failed(20 * MINUTE, 'graph.unavailable', { reason: FULL_ROUND });
    assert.deepEqual(due(21.9 * MINUTE, [...quiet, cut], lost), []);
    assert.deepEqual(due(22 * MINUTE, [...quiet, cut], lost), [`users: ${FULL_ROUND}`]);
    const again = failed(22 * MINUTE, 'graph.unavailable', { reason: FULL_ROUND });
    assert.deepEqual(due(24.9 * MINUTE, [...quiet, cut, again], lost), []);
    assert.deepEqual(due(25 * MINUTE, [...quiet, cut, again], lost), [`users: ${FULL_ROUND}`]);
    const well = [...quiet, cut, round(22 * MINUTE)];
    assert.deepEqual(due(26.9 * MINUTE, well, lost), []);
    assert.deepEqual(due(27 * MINUTE, well, lost), [`users: ${FULL_ROUND}`]);
    assert.deepEqual(due(75 * MINUTE, well, { ...lost, resets: 2 }), []);
  });

  it('makes at most one full round an hour while each new token is lost at once, whichever of the rounds fail', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), (fails) => {
        let history = quiet;
        const rounds: { clock: number; isCut: boolean }[] = [];
        const left = [...fails];
        for (let clock = 20 * MINUTE; clock < 8 * HOUR; clock += 30_000) {
          const resets = 1 + rounds.filter((round) => !round.isCut).length;
          if (!due(clock, history, { needsFullRound: true, resets }).includes(`users: ${FULL_ROUND}`)) continue;
          const isCut = left.shift() ?? false;
          rounds.push({ clock, isCut });
          const fields = { reason: FULL_ROUND, finishedAt: at(clock) };
          history = [...history, isCut ? failed(clock, 'graph.unavailable', fields) : record(clock, fields)];
        }
        for (const [index, { clock }] of rounds.slice(1).entries()) {
          const before = rounds[index]!;
          const wellAt = rounds.slice(0, index + 1).findLastIndex(({ isCut }) => !isCut);
          // Nothing is followed while there is no token, so failures make it wait for no hour; tokens refused in a row do.
          const wait = before.isCut ? Math.min(5 * MINUTE, MINUTE * 2 ** (index - wellAt - 1)) : HOUR;
          const waited = clock - before.clock;
          assert.ok(waited >= wait && waited <= wait + MINUTE, `${waited} ms behind round ${index} instead of ${wait}`);
        }
        assert.ok(rounds.length >= 8);
      }),
    );
  });

  it('makes no loop of full reads while Graph refuses each new token, though changes are notified all the time', () => {
    let history = quiet;
    const starts: number[] = [];
    for (let clock = 20 * MINUTE; clock < 6 * HOUR; clock += 10_000) {
      // Each read gives a token, and the next sweep finds that Graph does not take it. The full round of the schedule aside.
      const now = situation(clock, history, { requests: [sweep(clock)], resets: starts.length + 1 });
      if (!whatIsDue(now).some(({ reason }) => reason === 'a gap')) continue;
      starts.push(clock);
      history = [...history, record(clock, { finishedAt: at(clock) })];
    }
    const gaps = starts.slice(1).map((start, index) => start - starts[index]!);
    // No longer: what notifications lose meanwhile nobody finds, and `resets` may tell of what was over long ago.
    assert.deepEqual(gaps.slice(0, 2), [MINUTE, 4 * MINUTE]);
    assert.ok(gaps.length > 60 && gaps.slice(2).every((gap) => gap === 5 * MINUTE));
    assert.equal(starts[0], 20 * MINUTE, 'one that was lost once is read for at once');
  });

  it('forgets requests for a feature that is off', () => {
    const off = { settings: { ...settings, features: { userSync: false, mfaVerification: true } } };
    assert.deepEqual(openRequests(situation(0, [], { ...off, requests: [sweep(0)] })), []);
  });
});
