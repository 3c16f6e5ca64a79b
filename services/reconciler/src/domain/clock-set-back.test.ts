import assert from 'node:assert/strict';
import type { SnapshotRecord } from '@muster/contracts';
import { at, HOUR, MINUTE, periods, record, settings, started } from '../../test/support/one-integration.js';
import { whatIsDue, type Situation } from './when-to-run.js';

/** It began at this time, and ended while the clock was an hour ahead. */
const endedAhead = (startedMs: number, fields: Partial<SnapshotRecord>): SnapshotRecord =>
  record(startedMs, { publishedAt: at(startedMs), finishedAt: at(startedMs + HOUR), ...fields });
const due = (nowMs: number, history: SnapshotRecord[], more: Partial<Situation> = {}): string[] =>
  whatIsDue({
    ...{ settings, history, requests: [], now: new Date(started + nowMs), needsFullRound: false },
    periods,
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
