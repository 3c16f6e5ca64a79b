import assert from 'node:assert/strict';
import type { CursorRecord } from '@muster/contracts';
import { createTenant } from '../../test/support/tenant.js';
import { isAnswered, isUsable, needsFullRound, whatToSweep, type SweepSituation } from './when-to-sweep.js';

const DAY = 86_400_000;
const start = Date.parse('2026-03-01T08:00:00.000Z');
const at = (seconds: number): string => new Date(start + seconds * 1_000).toISOString();
const { settings } = createTenant(() => new Date(start));
const periods = { usersDeltaEvery: 180_000, groupDeltaEvery: 15_000, sweepMinInterval: 10_000 };
const cursor = (fields: Partial<CursorRecord> = {}): CursorRecord => ({
  integrationId: settings.integrationId,
  tenantId: settings.tenantId,
  kind: 'users',
  groupId: null,
  links: [{ deltaLink: 'link', groupIds: [] }],
  tree: [],
  takenAt: at(0),
  sweptAt: at(0),
  baselineSnapshotId: null,
  baselineEndedAt: null,
  resetAt: null,
  failure: null,
  revision: 1,
  ...fields,
});
const group = (fields: Partial<CursorRecord> = {}) => cursor({ kind: 'group', groupId: settings.groupId, ...fields });
const due = (seconds: number, fields: Partial<SweepSituation> = {}) =>
  whatToSweep({
    settings,
    cursors: [cursor(), group()],
    request: null,
    now: new Date(at(seconds)),
    periods,
    ...fields,
  });

describe('whatToSweep', () => {
  it('follows the group every 15 s and the people every 3 min', () => {
    assert.deepEqual(due(14).kinds, []);
    assert.deepEqual(due(15).kinds, ['group']);
    assert.deepEqual(due(180).kinds, ['users', 'group']);
  });

  it('sweeps both when somebody asks, at most once in 10 s, and not for a request that was answered', () => {
    const request = { reason: 'a gap', requestedAt: at(1) };
    assert.deepEqual(due(9, { request }).kinds, []);
    assert.deepEqual(due(10, { request }).kinds, ['users', 'group']);
    assert.deepEqual(due(14, { request: { ...request, requestedAt: at(-1) } }).kinds, []);
  });

  it('asks for a full read where the token is lost; before the first load, which gives one, the request waits', () => {
    const request = { reason: 'a gap', requestedAt: at(1) };
    assert.deepEqual(due(10, { request, cursors: [] }), { kinds: [], full: false });
    assert.deepEqual(due(10, { request, cursors: [cursor({ links: [] })] }), { kinds: [], full: true });
    assert.deepEqual(due(10, { cursors: [] }), { kinds: [], full: false });
  });

  it('waits longer after each failure, and never longer than the period', () => {
    const failing = (count: number) => [
      cursor({ failure: { code: 'graph.unavailable', message: 'm', at: at(180), count } }),
    ];
    assert.deepEqual(due(194, { cursors: failing(1) }).kinds, []);
    assert.deepEqual(due(195, { cursors: failing(1) }).kinds, ['users']);
    assert.deepEqual(due(209, { cursors: failing(2) }).kinds, []);
    assert.deepEqual(due(359, { cursors: failing(50) }).kinds, []);
    assert.deepEqual(due(360, { cursors: failing(50) }).kinds, ['users']);
  });

  it('waits for no time to come again when the clock was set back', () => {
    assert.deepEqual(due(10, { cursors: [cursor({ sweptAt: at(7_200) }), group()] }).kinds, ['users']);
    const failure = { code: 'graph.unavailable', message: 'm', at: at(7_200), count: 1 };
    assert.deepEqual(due(10, { cursors: [cursor({ sweptAt: at(7_200), failure })] }).kinds, ['users']);
  });

  it('leaves alone what is paused or has no user sync', () => {
    assert.deepEqual(due(500, { settings: { ...settings, state: 'paused' } }).kinds, []);
    const features = { userSync: false, mfaVerification: true };
    assert.deepEqual(due(500, { settings: { ...settings, features } }).kinds, []);
  });
});

describe('isUsable', () => {
  const now = new Date(at(60));
  it('takes a cursor of this tenant and group that is younger than 6 days', () => {
    assert.equal(isUsable(cursor(), settings, now), true);
    assert.equal(isUsable(cursor(), settings, new Date(start + 6 * DAY)), false);
    assert.equal(isUsable(cursor({ links: [] }), settings, now), false);
    assert.equal(isUsable(null, settings, now), false);
    assert.equal(isUsable(group(), { ...settings, groupId: settings.integrationId }, now), false);
    assert.equal(isUsable(group(), { ...settings, groupId: null }, now), false);
    assert.equal(isUsable(cursor(), { ...settings, tenantId: settings.integrationId }, now), false);
  });
});

describe('needsFullRound', () => {
  const now = new Date(at(60));
  it('when a token was lost, but not for a group that cannot be followed', () => {
    assert.equal(needsFullRound([cursor(), group()], settings, now), false);
    assert.equal(needsFullRound([cursor()], settings, now), false);
    assert.equal(needsFullRound([], settings, now), true);
    assert.equal(needsFullRound([cursor(), group({ links: [] })], settings, now), true);
    assert.equal(needsFullRound([cursor(), group({ links: [] })], { ...settings, groupId: null }, now), false);
    const failure = { code: 'graph.forbidden', message: 'no right', at: at(0), count: 1 };
    assert.equal(needsFullRound([cursor(), group({ links: [], failure })], settings, now), false, 'would be in vain');
  });
});

describe('isAnswered', () => {
  it('once every cursor of use was followed since the request', () => {
    const request = { reason: 'a gap', requestedAt: at(5) };
    const of = (...cursors: CursorRecord[]) => isAnswered({ settings, cursors, request, now: new Date(at(60)) });
    assert.equal(of(cursor({ sweptAt: at(6) }), group({ sweptAt: at(4) })), false);
    assert.equal(of(cursor({ sweptAt: at(6) }), group({ sweptAt: at(5) })), true);
    assert.equal(of(cursor({ sweptAt: at(6) }), group({ links: [] })), true);
    assert.equal(of(), false);
  });
});
