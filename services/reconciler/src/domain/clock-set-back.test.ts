import assert from 'node:assert/strict';
import type { SnapshotRecord } from '@muster/contracts';
import { toSettings } from '@muster/test-support';
import { whatIsDue, type Situation } from './when-to-run.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const started = Date.parse('2026-03-01T08:00:00.000Z');
const at = (ms: number): string => new Date(started + ms).toISOString();
const id = '00000000-0000-0000-0000-000000000001';
const times = { createdAt: at(0), updatedAt: at(0), startedAt: at(0) };
const settings = toSettings({ integrationId: id, tenantId: id, clientId: id, ...times });

/** It began at this time, and ended while the clock was an hour ahead. */
const endedAhead = (startedMs: number, fields: Partial<SnapshotRecord>): SnapshotRecord => ({
  ...{ snapshotId: `s${startedMs}`, integrationId: id, tenantId: id, kind: 'users', state: 'complete', reason: 'r' },
  ...{ pages: 1, rows: 1, expectedRows: 1, nextLink: null, resumed: false, failure: null, projected: {} },
  ...{ startedAt: at(startedMs), publishedAt: at(startedMs), finishedAt: at(startedMs + HOUR) },
  ...fields,
});
const due = (nowMs: number, history: SnapshotRecord[], more: Partial<Situation> = {}): string[] =>
  whatIsDue({
    ...{ settings, history, requests: [], now: new Date(started + nowMs), needsFullRound: false },
    periods: { usersEvery: 24 * HOUR, usersSecondRead: 15 * MINUTE, mfaEvery: HOUR, sweepMinInterval: 10_000 },
    ...more,
  }).map(({ kind, reason }) => `${kind}: ${reason}`);

describe('whatIsDue, once the clock was set back', () => {
  it('tries again what failed while it was ahead, without waiting for that time to come again', () => {
    const failure = { code: 'graph.unavailable', message: 'm' };
    const first = endedAhead(0, { state: 'failed', publishedAt: null, failure });
    assert.deepEqual(due(4_000, [first]), []);
    assert.deepEqual(due(5_000, [first]), ['users: first load']);
    const quiet = [endedAhead(-20 * HOUR, {}), endedAhead(0, { kind: 'mfa' })];
    const requests = [{ kind: 'users' as const, urgent: false, reason: 'a gap', requestedAt: at(1_000) }];
    assert.deepEqual(due(59_000, [...quiet, first], { requests }), []);
    assert.deepEqual(due(MINUTE, [...quiet, first], { requests }), ['users: a gap']);
  });

  it('reads a second time after a first load that ended while it was ahead', () => {
    const history = [endedAhead(0, {}), endedAhead(0, { kind: 'mfa' })];
    assert.deepEqual(due(14 * MINUTE, history), []);
    assert.deepEqual(due(15 * MINUTE, history), ['users: second read after the first load']);
  });

  it('reads another scope that was chosen while it was ahead', () => {
    const scope = { groupId: 'another', includeGuests: settings.includeGuests };
    const history = [endedAhead(-MINUTE, { scope }), endedAhead(0, { kind: 'mfa' })];
    const chosen = { settings: { ...settings, updatedAt: at(HOUR) } };
    assert.deepEqual(due(MINUTE, history, chosen), ['users: the scope was changed since the last full read']);
  });
});
