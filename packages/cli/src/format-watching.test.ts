import assert from 'node:assert/strict';
import type { AlertsAnswer, CoverageAnswer, SubscriptionsAnswer } from './answers.js';
import { formatAlerts, formatRules } from './format-alerts.js';
import { formatCoverage } from './format-coverage.js';
import { formatSubscriptions } from './format-subscriptions.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

describe('subscriptions at the terminal', () => {
  it('are a row each, with what failed; where there is none it says when there will be', () => {
    const live: SubscriptionsAnswer['items'][number] = {
      ...{ resource: '/users', status: 'live', expiresAt: at(60), renewedAt: at(1), notifiedAt: at(2), failure: null },
    };
    const failure = { code: 'graph.forbidden', message: 'Group.Read.All is\u001b missing.' };
    const missing = { ...live, resource: '/groups/g', status: 'missing', expiresAt: null, renewedAt: null };
    const lines = formatSubscriptions([live, { ...missing, notifiedAt: null, failure }]).split('\n');
    assert.match(lines[0] ?? '', /^RESOURCE +STATUS +EXPIRES +RENEWED +LAST NOTIFICATION +FAILURE$/);
    assert.match(lines[1] ?? '', new RegExp(`^/users +live +${at(60)} +${at(1)} +${at(2)} +–$`));
    assert.match(
      lines[2] ?? '',
      /^\/groups\/g +missing +– +not yet +none yet +graph\.forbidden: Group\.Read\.All is {2}missing\.$/,
    );
    assert.match(formatSubscriptions([]), /No subscription yet.* once the integration is started/);
  });
});

describe('coverage at the terminal', () => {
  const loss: CoverageAnswer['loss'] = { announced: 0, lost: 0, share: null, worstDelayMs: 0, open: 0 };
  const intervals: CoverageAnswer['intervals'] = [
    { from: at(0), to: at(30), state: 'covered', sweeps: 10 },
    { from: at(30), to: at(42), state: 'by-sweep', sweeps: 4 },
    { from: at(42), to: at(60), state: 'covered', sweeps: 6 },
  ];

  it('tells each interval, and of each state how long in all', () => {
    const lines = formatCoverage({ intervals, loss }).split('\n');
    assert.match(lines[2] ?? '', new RegExp(`^${at(30)} +${at(42)} +12 min +by-sweep +4$`));
    assert.deepEqual(lines.slice(4), [
      'In all: covered 48 min, by sweep alone 12 min, blind never.',
      'No change was announced, none lost.',
    ]);
    assert.match(formatCoverage({ intervals: [], loss }), /^Nothing is recorded in this time/);
  });

  it('what was lost is told with its share, however small, and how late it was found', () => {
    const told = (of: Partial<typeof loss>) =>
      formatCoverage({ intervals, loss: { ...loss, ...of } })
        .split('\n')
        .at(-1);
    assert.equal(
      told({ announced: 29_999, lost: 1, share: 1 / 30_000, worstDelayMs: 45_000 }),
      '29,999 changes announced, 1 lost (0.00333 %), found at most 45 s late.',
    );
    assert.equal(
      told({ announced: 1, share: 0, open: 2 }),
      '1 change announced, 0 lost (0 %). 2 changes that a sweep found not judged yet.',
    );
    assert.match(told({ open: 1 }) ?? '', /^No change was announced, none lost\. 1 change that a sweep found/);
  });
});

describe('alerts at the terminal', () => {
  const now = new Date(at(60));
  const alert: AlertsAnswer['items'][number] = {
    ...{ rule: 'silence', level: 'problem', state: 'firing', integrationId: 'i1', text: 'No notification came.' },
    ...{ since: at(50), runbook: 'https://muster.test/runbook#silence', untold: [] },
  };
  const rule = { ...{ rule: 'silence', title: 'Notifications stay away', level: 'problem' }, runbook: alert.runbook };
  const answer: AlertsAnswer = {
    items: [alert, { ...alert, integrationId: null, state: 'pending' }, { ...alert, state: 'resolved' }],
    rules: [
      { ...rule, afterMs: 0 },
      { ...rule, rule: 'drift', afterMs: 300_000 },
    ],
    elsewhere: [{ title: 'answers are slow' }, { title: 'a consumer restarts' }],
    lookedAt: at(60),
  };

  it('are a row each, with what to do about each rule once, and what nobody could be told', () => {
    const untold = [{ target: 'webhook', tries: 3, nextAt: at(61), failure: 'It answers 500.' }];
    const lines = formatAlerts({ ...answer, items: [...answer.items, { ...alert, untold }] }, now).split('\n');
    assert.match(lines[1] ?? '', new RegExp(`^problem +silence +firing +i1 +${at(50)} +No notification came\\.$`));
    assert.match(lines[2] ?? '', / pending +all of them /);
    assert.deepEqual(lines.slice(5), [
      'What to do about silence: https://muster.test/runbook#silence',
      `! silence is not told by webhook yet, tried 3 times, again at ${at(61)}. It answers 500.`,
    ]);
    assert.doesNotMatch(formatAlerts({ ...answer, items: answer.items.slice(2) }, now), /What to do/);
  });

  it('that nothing fires is said only while somebody looks', () => {
    const quiet = { ...answer, items: [] };
    assert.equal(formatAlerts(quiet, now), `Nothing fires. Every rule was looked at ${at(60)}.`);
    assert.match(formatAlerts({ ...quiet, lookedAt: at(56) }, now), /^! The rules were last looked at \S+: nobody/);
    assert.match(formatAlerts({ ...quiet, lookedAt: null }, now), /^! No rule was looked at yet: nobody watches\./);
  });

  it('rules say when they fire and how they stand; what only Prometheus can tell is named', () => {
    const lines = formatRules(answer).split('\n');
    assert.match(lines[1] ?? '', /^silence +problem +at once +firing +Notifications stay away +https:\S+$/);
    assert.match(lines[2] ?? '', /^drift +problem +after 5 min +quiet /);
    assert.match(lines[3] ?? '', /^Only Prometheus .*: answers are slow; a consumer restarts\.$/);
    const two = { ...answer, elsewhere: [], items: [alert, { ...alert, integrationId: 'i2' }] };
    assert.match(formatRules(two), /firing \(2\)/);
    assert.match(formatRules({ ...two, items: answer.items.slice(1) }), /silence +problem +at once +pending/);
  });
});
