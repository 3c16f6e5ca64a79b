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
const scope = { groupId: settings.groupId, includeGuests: settings.includeGuests };
const another = { ...scope, groupId: 'another' };

const read = (startedMs: number, fields: Partial<SnapshotRecord>): SnapshotRecord => ({
  ...{ snapshotId: `s${startedMs}`, integrationId: id, tenantId: id, kind: 'users', state: 'complete', reason: 'r' },
  ...{ pages: 1, rows: 1, expectedRows: 1, nextLink: null, resumed: false, failure: null, projected: {} },
  ...{ startedAt: at(startedMs), publishedAt: at(startedMs), finishedAt: at(startedMs + MINUTE), scope },
  ...fields,
});
const users = (nowMs: number, history: SnapshotRecord[]) => {
  const periods = { usersEvery: 24 * HOUR, usersSecondRead: 15 * MINUTE, mfaEvery: HOUR, sweepMinInterval: 10_000 };
  const now = new Date(started + nowMs);
  const situation: Situation = { settings, history, requests: [], now, periods, needsFullRound: false };
  return whatIsDue(situation).find(({ kind }) => kind === 'users');
};
const running = { state: 'running' as const, nextLink: 'https://next', finishedAt: null };
const failed = { state: 'failed' as const, failure: { code: 'graph.unavailable', message: 'm' } };

describe('whatIsDue, after another scope was chosen', () => {
  it('goes on with no first read of it: a resumed one would leave who is out of it now', () => {
    const left = read(HOUR, running);
    assert.equal(users(HOUR + MINUTE, [left, read(0, {})])?.resume, left);
    assert.equal(users(HOUR + MINUTE, [left, read(0, { scope: another })])?.resume, null);
  });

  it('reads again, and whole, behind a read of another that failed: it has told whom that one has', () => {
    const before = [read(HOUR, { ...failed, scope: another }), read(0, {})];
    assert.equal(users(HOUR + 2 * MINUTE, [read(HOUR + MINUTE, running), ...before])?.resume, null);
    const reason = 'the scope was changed since the last full read';
    assert.equal(users(2 * HOUR, before)?.reason, reason);
    assert.equal(users(2 * HOUR, [read(HOUR + MINUTE, failed), ...before])?.reason, reason);
    assert.equal(users(2 * HOUR, [read(HOUR + 5 * MINUTE, {}), ...before]), undefined);
  });
});
