import assert from 'node:assert/strict';
import type { AlertFacts, IntegrationFacts } from './alert-facts.js';
import { RULE_IDS, RULES, judgeAlerts, type Finding, type RuleId } from './rules.js';

const now = new Date('2026-01-01T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ago = (ms: number): string => new Date(now.getTime() - ms).toISOString();
const periods = { usersEveryMs: DAY, mfaEveryMs: HOUR };

const well: IntegrationFacts = {
  integrationId: 'i',
  name: 'A',
  state: 'active',
  features: { userSync: true, mfaVerification: true },
  credential: { slot: 'a', expiresAt: ago(-100 * DAY) },
  subscriptions: [{ resource: 'users', entity: 'user', status: 'live', expiresAt: ago(-2 * DAY), failure: null }],
  quarantined: [],
  completed: {
    users: { startedAt: ago(HOUR), rows: 1_000, drift: { added: 0, changed: 0, removed: 0 } },
    mfa: { startedAt: ago(HOUR), rows: 1_000, drift: null },
  },
  startedAt: ago(9 * DAY),
  resumedAt: null,
  plansWaiting: 0,
  lostRecently: 0,
  measured: 5,
  ours: { p99: 500, lastHour: null },
};
const pipeline: AlertFacts['pipeline'] = {
  canaries: { partitions: 2, seen: [{ ageMs: 1_000 }, { ageMs: 2_000 }] },
  projector: { waiting: 0, oldestMs: 0 },
  deadLettersOpen: 0,
};
const judge = (over: Partial<IntegrationFacts> = {}, overPipeline: Partial<AlertFacts['pipeline']> = {}) =>
  judgeAlerts(
    {
      integrations: [{ ...well, ...over }],
      pipeline: { ...pipeline, ...overPipeline },
      breakGlass: { used: [], refused: 0 },
    },
    { now, periods },
  );
const holding = (...facts: Parameters<typeof judge>): RuleId[] =>
  judge(...facts)
    .filter(({ holds }) => holds === true)
    .map(({ rule }) => rule);
const isEnding = ({ rule }: Finding): boolean => rule === 'subscription-ending';
const subscription = (over: object) => [{ ...well.subscriptions[0]!, ...over }];
const quarantined = (code: string) => [{ service: 'projector', since: ago(0), failure: { code, message: 'so' } }];
const readLongAgo = { ...well.completed, mfa: { startedAt: ago(5 * DAY), rows: 1, drift: null } };
const drift = (changed: number) => ({
  ...well.completed,
  users: { startedAt: ago(HOUR), rows: 1_000, drift: { added: 0, changed, removed: 0 } },
});

describe('rules of alerts', () => {
  it('all is well: every rule says no', () => {
    const findings = judge();
    assert.deepEqual(new Set(findings.map(({ rule }) => rule)), new Set(RULE_IDS));
    assert.deepEqual(holding(), []);
  });

  const cases: [string, RuleId[], Parameters<typeof judge>][] = [
    ['a minute of waiting is not yet late', [], [{}, { projector: { waiting: 3, oldestMs: 60_000 } }]],
    ['more is', ['oldest-unprocessed'], [{}, { projector: { waiting: 3, oldestMs: 60_001 } }]],
    ['Kafka away', ['kafka-silent'], [{}, { projector: null, deadLettersOpen: null }]],
    ['no probe', ['canary-absent'], [{}, { canaries: { partitions: 2, seen: [] } }]],
    ['a late one', ['canary-absent'], [{}, { canaries: { partitions: 1, seen: [{ ageMs: 200_001 }] } }]],
    ['nobody runs, nobody probes', [], [{ state: 'paused' }, { canaries: { partitions: 2, seen: [] } }]],
    ['a dead letter', ['dead-letters'], [{}, { deadLettersOpen: 1 }]],
    ['changes found in silence', ['silence'], [{ lostRecently: 2, measured: 0 }]],
    ['some notifications come', [], [{ lostRecently: 2, measured: 1 }]],
    ['by sweeps only, nothing is expected', [], [{ lostRecently: 2, measured: 0, subscriptions: [] }]],
    ['an end within a day, renewed as planned', [], [{ subscriptions: subscription({ expiresAt: ago(-HOUR) }) }]],
    [
      'an end within a day, and renewing fails',
      ['subscription-ending'],
      [{ subscriptions: subscription({ expiresAt: ago(-HOUR), failure: { message: 'no' } }) }],
    ],
    [
      'a subscription that is missing',
      ['subscription-ending'],
      [{ subscriptions: subscription({ status: 'missing' }) }],
    ],
    [
      'a subscription that has run out',
      ['subscription-ending'],
      [{ subscriptions: subscription({ expiresAt: ago(0) }) }],
    ],
    [
      'one period is not two',
      [],
      [{ completed: { ...well.completed, mfa: { startedAt: ago(2 * HOUR), rows: 1, drift: null } } }],
    ],
    [
      'more than two periods',
      ['reconcile-old'],
      [{ completed: { ...well.completed, mfa: { startedAt: ago(2 * HOUR + 1), rows: 1, drift: null } } }],
    ],
    ['read before a pause that has just ended', [], [{ completed: readLongAgo, resumedAt: ago(2 * HOUR) }]],
    ['and not again since', ['reconcile-old'], [{ completed: readLongAgo, resumedAt: ago(2 * HOUR + 1) }]],
    ['never read, and a pause has just ended', [], [{ completed: { users: null, mfa: null }, resumedAt: ago(0) }]],
    ['never read, since long ago', ['reconcile-old'], [{ completed: { users: null, mfa: null } }]],
    ['never read, started now', [], [{ completed: { users: null, mfa: null }, startedAt: ago(0) }]],
    ['one in a thousand is no drift', [], [{ completed: drift(1) }]],
    ['two are', ['drift'], [{ completed: drift(2) }]],
    ['throttled', ['throttled'], [{ quarantined: quarantined('graph.throttled') }]],
    ['in quarantine', ['quarantine'], [{ quarantined: quarantined('sign-in.refused') }]],
    ['removals wait', ['plan-waits'], [{ plansWaiting: 1 }]],
    ['late of late, not over the hour', [], [{ ours: { p99: 300_000, lastHour: { changes: 10_000, late: 144 } } }]],
    ['both', ['late-changes'], [{ ours: { p99: 300_000, lastHour: { changes: 10_000, late: 145 } } }]],
    ['over the hour, no longer', [], [{ ours: { p99: 60_000, lastHour: { changes: 10_000, late: 9_000 } } }]],
    ['a few late ones of a few', [], [{ ours: { p99: 300_000, lastHour: { changes: 9, late: 9 } } }]],
    ['nothing came', [], [{ ours: { p99: null, lastHour: null } }]],
    ['no secret', ['secret-ending'], [{ credential: null }]],
    ['no secret while paused', ['secret-ending'], [{ state: 'paused', credential: null, plansWaiting: 1 }]],
    ['no secret in a draft', [], [{ state: 'draft', credential: null }]],
    ['61 days left', [], [{ credential: { slot: 'a', expiresAt: ago(-61 * DAY) } }]],
  ];
  for (const [what, rules, facts] of cases)
    it(`${what}: ${rules.join(', ') || 'nothing'}`, () => assert.deepEqual(holding(...facts), rules));

  it('a subscription that is not renewed: ends soon, has run out, is not there', () => {
    const told = [
      { expiresAt: ago(-HOUR), failure: { message: 'Refused.' } },
      { expiresAt: ago(HOUR) },
      { status: 'missing' },
    ];
    const texts = told.map((over) => judge({ subscriptions: subscription(over) }).find(isEnding)?.text);
    const of = 'The subscription to users';
    assert.deepEqual(texts, [`${of} ends soon: Refused.`, `${of} has run out.`, `${of} is not there.`]);
  });

  it('a feature that was turned on is first read: so long nothing is told', () => {
    assert.ok(RULES['reconcile-old'].forMs >= 10 * 60_000);
  });

  it('a secret is more pressing at 60, 30, 14, 7 and 1 days, and when it has ended', () => {
    const steps = [60, 31, 30, 14, 8, 7, 2, 1, 0.5, -1].map((days) => {
      const finding = judge({ credential: { slot: 'a', expiresAt: ago(-days * DAY) } }).find(
        ({ rule }) => rule === 'secret-ending',
      )!;
      return [days, finding.step, finding.level];
    });
    assert.deepEqual(steps, [
      [60, 0, 'remark'],
      [31, 0, 'remark'],
      [30, 1, 'remark'],
      [14, 2, 'remark'],
      [8, 2, 'remark'],
      [7, 3, 'problem'],
      [2, 3, 'problem'],
      [1, 4, 'problem'],
      [0.5, 4, 'problem'],
      [-1, 5, 'problem'],
    ]);
  });

  it('each use of the break-glass password is told, and whoever guesses it', () => {
    const used = [1, 2].map((hours) => ({ at: ago(hours * 60_000), address: '203.0.113.9' }));
    const judged = (breakGlass: AlertFacts['breakGlass']) => {
      const { holds, step, text } = judgeAlerts({ integrations: [], pipeline, breakGlass }, { now, periods }).find(
        ({ rule }) => rule === 'break-glass',
      )!;
      return { holds, step, text };
    };
    assert.equal(judged({ used: [], refused: 9 }).holds, false);
    assert.match(judged({ used: [], refused: 10 }).text, /guesses .* 10 tries/);
    const once = judged({ used: used.slice(1), refused: 0 });
    const twice = judged({ used, refused: 0 });
    assert.match(twice.text, new RegExp(`at ${used[0]!.at} from 203.0.113.9`));
    assert.deepEqual([once.holds, twice.holds, twice.step > once.step], [true, true, true]);
  });

  it('what cannot be told says neither yes nor no', () => {
    const unknown = judge({}, { projector: null, deadLettersOpen: null }).filter(({ holds }) => holds === null);
    assert.deepEqual(
      unknown.map(({ rule }) => rule),
      ['oldest-unprocessed', 'dead-letters'],
    );
  });
});
