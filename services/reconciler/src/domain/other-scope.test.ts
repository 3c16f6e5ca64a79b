import assert from 'node:assert/strict';
import type { SnapshotRecord } from '@muster/contracts';
import { HOUR, MINUTE, periods, record, settings, started } from '../../test/support/one-integration.js';
import { whatIsDue, type Situation } from './when-to-run.js';

const scope = { groupId: settings.groupId, includeGuests: settings.includeGuests };
const read = (startedMs: number, fields: Partial<SnapshotRecord>) => record(startedMs, { scope, ...fields });
const another = { ...scope, groupId: 'another' };

const users = (nowMs: number, history: SnapshotRecord[]) => {
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
