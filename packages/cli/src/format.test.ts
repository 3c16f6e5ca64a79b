import assert from 'node:assert/strict';
import type { StatusAnswer } from './answers.js';
import { formatCheck, formatDeadLetters, formatFields, formatIntegrations, formatUsers } from './format-lists.js';
import { formatLag, formatRuns } from './format-runs.js';
import { formatStatus } from './format-status.js';
import { formatMs, formatTable, toPlain } from './format-table.js';

const pipeline: StatusAnswer['pipeline'] = {
  canaries: { partitions: 12, seen: [{}, {}], oldestAgeMs: 12_000, slowestMs: 9 },
  projector: { waiting: 3, oldestMs: 2_000 },
  deadLetters: 0,
  notices: [{ level: 'problem', text: 'Nothing comes through.', cure: 'Check the receiver.' }],
};

describe('format', () => {
  it('tables line columns up, numbers to the right, and end lines without blanks', () => {
    const table = formatTable(
      [{ head: 'STEP' }, { head: 'MS', right: true }],
      [
        ['kafka', 5],
        ['x', null],
      ],
    );
    assert.deepEqual(table.split('\n'), ['STEP   MS', 'kafka   5', 'x       –']);
  });

  it('a name that would steer the terminal loses its control characters', () => {
    assert.equal(toPlain('Anna\u001b[31m\u202eX\n'), 'Anna [31m X ');
  });

  it('a time is told in the unit that people would use', () => {
    assert.deepEqual(
      [null, 0, 999, 1_500, 61_000, 7_200_000, 172_800_000].map((ms) => formatMs(ms)),
      ['–', '0 ms', '999 ms', '1.5 s', '1 min', '2 h', '2 d'],
    );
  });

  it('the status of an empty system says what to do next', () => {
    const text = formatStatus({ at: '', integrations: [], pipeline });
    assert.match(text, /^Canary {8}12 s ago, 9 ms on the way, 2 of 12 partitions$/m);
    assert.match(text, /^Waiting {7}3 events for the projector, the oldest for 2 s$/m);
    assert.match(text, /^! Nothing comes through\. Check the receiver\.$/m);
    assert.match(text, /muster integrations create/);
  });

  it('the status without Kafka says so in place of a number', () => {
    const text = formatStatus({
      at: '',
      integrations: [],
      pipeline: { ...pipeline, projector: null, deadLetters: null },
    });
    assert.equal(text.match(/Kafka does not answer/g)?.length, 2);
  });

  it('a read that runs tells how far it is, one that ended what it found', () => {
    const run = {
      kind: 'users',
      state: 'running',
      reason: 'first load',
      rows: 500,
      startedAt: '2026-03-01T08:00:00.000Z',
      finishedAt: null,
      progress: { phase: 'reading', share: 0.256, etaMs: 61_000 },
      drift: null,
      failure: null,
    };
    const ended = { state: 'complete', progress: null, finishedAt: '2026-03-01T08:00:04.000Z' };
    const lines = formatRuns([run, { ...run, ...ended, drift: { added: 1, changed: 2, removed: 0 } }]).split('\n');
    assert.match(lines[1] ?? '', /reading 25 %, ends in 1 min +500 +– {2}first load$/);
    assert.match(lines[2] ?? '', /complete in 4 s +500 +1\/2\/0/);
    assert.equal(formatRuns([]), 'Nothing was read in full yet.');
  });

  it('lag over time tells both shares, and nothing as nothing', () => {
    const steps = [{ step: 'ours', count: 3, p50: 50, p95: 100, p99: 100 }];
    const [, line] = formatLag({ step: '1m', points: [{ at: '2026-03-01T08:00:00.000Z', steps }] }).split('\n');
    assert.match(line ?? '', /^2026-03-01T08:00 +– +– +– +– +– +– +50 ms +100 ms +100 ms +0$/);
    assert.match(formatLag({ step: '1m', points: [] }), /Nothing was measured/);
  });

  it('people are a row each, and more are announced', () => {
    const user = {
      userId: 'u1',
      userPrincipalName: 'anna@example.com',
      displayName: null,
      status: 'active',
      ssoEnabled: true,
      inGroup: true,
      userType: 'Member',
      mfaState: 'capable',
      revision: 1,
      changedAt: '',
    };
    const lines = formatUsers([user], true).split('\n');
    assert.equal(lines.length, 3);
    assert.match(lines[1] ?? '', /^u1 {2}– +anna@example\.com {5}active {2}yes {6}capable$/);
    assert.match(lines[2] ?? '', /more/);
    assert.equal(formatUsers([], false), 'Nobody fits.');
  });

  it('one person is a line a field, with nested ones below', () => {
    assert.deepEqual(formatFields({ userId: 'u1', mfa: { methods: ['a', 'b'], at: null } }).split('\n'), [
      'userId                    u1',
      'mfa',
      '  methods                 a, b',
      '  at                      –',
    ]);
  });

  it('a check that failed names the failure, its cure and what a missing right costs', () => {
    const text = formatCheck({
      ok: false,
      verdicts: [{ field: 'clientSecret', state: 'problem', text: 'It expired.', cure: 'Make a new one.' }],
      rights: [
        { permission: 'User.Read.All', state: 'missing', feature: 'userSync', needed: true, costs: 'No sync.' },
        { permission: 'Group.Read.All', state: 'proved', feature: 'groupNotifications', needed: false, costs: '' },
      ],
    });
    assert.deepEqual(text.split('\n'), [
      'FAIL  clientSecret     It expired. Make a new one.',
      'FAIL  User.Read.All is missing. No sync.',
      'Not ready yet.',
    ]);
  });

  it('integrations without a group are for everyone; an empty list says what to do next', () => {
    const features = { userSync: true, mfaVerification: true };
    const known = { integrationId: 'i1', name: 'A', tenantId: 't', state: 'draft' };
    const integration = { ...known, features, groupId: null, secret: null };
    assert.match(formatIntegrations([integration]), /draft {2}everyone/);
    assert.match(formatIntegrations([]), /create/);
  });

  it('dead letters say where they came from', () => {
    const origin = { topic: 'graph.notifications', partition: 3, offset: '17', key: null };
    const told = { reason: { code: 'x.y', message: 'no' }, payload: {}, at: '2026-01-01', replayed: null };
    const item = { partition: 0, offset: '0', origin, ...told };
    assert.match(formatDeadLetters({ items: [item], nextCursor: null }), /graph\.notifications\/3@17 {2}– {4}x\.y/);
  });
});
