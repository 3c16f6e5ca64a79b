import assert from 'node:assert/strict';
import { listQuarantined, toNotices } from './notices.js';

type Facts = Parameters<typeof toNotices>[0];

const now = new Date('2026-03-01T12:00:00Z');
const ago = (ms: number): string => new Date(now.getTime() - ms).toISOString();
const facts: Facts = {
  settings: {
    ...{ state: 'active', tenantId: 't', groupId: 'g' },
    features: { userSync: true, mfaVerification: true },
    secrets: [{ slot: 'a', sealed: 'hush', hint: '1234', expiresAt: ago(-400 * 86_400_000), addedAt: ago(0) }],
    certificate: null,
    activeSlot: 'a',
  },
  subscriptions: [],
  snapshots: { users: null, mfa: null },
  complete: { users: null, mfa: null },
  plansWaiting: 0,
  cursors: [],
  health: [],
};

describe('what needs somebody', () => {
  it('names the page where it is mended, and none where it is not mended here', () => {
    const row = (code: string) => ({
      ...{
        integrationId: 'i',
        service: code,
        state: 'quarantined' as const,
        since: ago(60_000),
        until: ago(0),
        count: 2,
      },
      failure: { code, message: 'Refused.' },
    });
    const watch = (resource: string, status: 'missing' | 'refused') =>
      ({ resource, status, failure: null, expiresAt: null }) as Facts['subscriptions'][number];
    const secrets = facts.settings.secrets.map((secret) => ({ ...secret, expiresAt: ago(1) }));
    const notices = toNotices(
      {
        ...facts,
        settings: { ...facts.settings, secrets },
        plansWaiting: 1,
        health: [row('graph.sign-in-refused'), row('graph.throttled')],
        subscriptions: [watch('/users', 'missing'), watch('/groups/g', 'refused')],
      },
      now,
    );
    assert.deepEqual(
      notices.map(({ rule, page }) => [rule, page]),
      [
        ['secret-ending', 'secrets'],
        ['quarantine', 'check'],
        ['throttled', undefined],
        ['subscription-ending', 'subscriptions'],
        [undefined, 'permissions'],
        ['plan-waits', 'removals'],
      ],
    );
    const paused = toNotices({ ...facts, settings: { ...facts.settings, state: 'paused' } }, now);
    assert.deepEqual(
      paused.map(({ page }) => page),
      ['integrations'],
    );
  });

  it('the end of the secret is told of a paused one too: people sign in with it', () => {
    const secrets = facts.settings.secrets.map((secret) => ({ ...secret, expiresAt: ago(1) }));
    const paused = toNotices({ ...facts, settings: { ...facts.settings, state: 'paused', secrets } }, now);
    assert.deepEqual(
      paused.map(({ rule, page }) => [rule, page]),
      [
        [undefined, 'integrations'],
        ['secret-ending', 'secrets'],
      ],
    );
  });
});

describe('the chosen group that was deleted', () => {
  it('is told, with where to choose another one; not when another one was deleted or chosen', () => {
    const gone = (deleted: string, groupId = 'g') => ({
      ...{ kind: 'group' as const, tenantId: 't', groupId, deletedGroups: [{ groupId: deleted, at: ago(60_000) }] },
    });
    const pagesOf = (cursor: ReturnType<typeof gone>) =>
      toNotices({ ...facts, cursors: [cursor] }, now).map(({ level, page }) => [level, page]);
    assert.deepEqual(pagesOf(gone('g')), [['problem', 'group']]);
    assert.deepEqual(pagesOf(gone('nested')), []);
    assert.deepEqual(pagesOf(gone('before', 'before')), []);
  });
});

describe('people of whom Microsoft does not tell', () => {
  it('are counted once, whichever sweeps ask about them', () => {
    assert.deepEqual(toNotices({ ...facts, cursors: [{}, { unsettled: [] }] }, now), []);
    const [notice, ...more] = toNotices({ ...facts, cursors: [{ unsettled: ['a', 'b'] }, { unsettled: ['b'] }] }, now);
    assert.match(notice?.text ?? '', /: 2\. /);
    assert.deepEqual([notice?.level, more], ['problem', []]);
  });
});

describe('who is in quarantine', () => {
  const failure = { code: 'token.refused', message: 'Refused.' };
  const kept = (service: string, untilMs: number) => ({
    ...{ integrationId: 'i', service, state: 'quarantined' as const, failure, since: ago(300_000), count: 2 },
    ...{ until: ago(untilMs), at: ago(untilMs + 200_000) },
  });
  const well = (sinceMs: number) => ({
    ...{ integrationId: 'i', service: 'reconciler', state: 'well' as const, failure: null, until: null, count: 0 },
    since: ago(sinceMs),
  });
  const listed = (...health: Parameters<typeof listQuarantined>[0]) =>
    listQuarantined(health, now).map(({ service }) => service);

  it('is a service that had nothing to ask since, until another one is answered', () => {
    assert.deepEqual(listed(kept('projector', 60_000)), ['projector']);
    assert.deepEqual(listed(kept('projector', 60_000), well(270_000)), ['projector'], 'well before it was refused');
    assert.deepEqual(listed(kept('projector', 60_000), well(250_000)), [], 'well during its pause');
    assert.deepEqual(listed(kept('projector', 60_000), kept('admin', -5_000), well(30_000)), ['admin']);
    assert.deepEqual(listed(kept('projector', 11 * 60_000)), []);
  });
});

describe('a report that Microsoft refuses', () => {
  const last = { state: 'complete', startedAt: ago(3_600_000) } as NonNullable<Facts['complete']['mfa']>;
  const noticeOf = (code: string, complete: Facts['complete']['mfa'] = last) => {
    const failed = { state: 'failed', failure: { code, message: 'raw' } } as Facts['snapshots']['mfa'];
    const notices = toNotices(
      { ...facts, snapshots: { users: null, mfa: failed }, complete: { users: null, mfa: complete } },
      now,
    );
    return notices.find(({ text }) => /MFA|licence|consented/.test(text));
  };
  const cases: [string, RegExp, RegExp][] = [
    ['graph.no-licence', /no licence/, /P1 or P2/],
    ['mfa.right-missing', /lacks the right AuditLog\.Read\.All/, /consent again/],
    ['mfa.role-missing', /no directory role/, /Reports Reader/],
    ['mfa.refused', /for now, although the app has the right/, /by itself/],
  ];
  for (const [code, text, cure] of cases)
    it(`${code}: why, since when the data is, and its own cure`, () => {
      const notice = noticeOf(code);
      assert.ok(notice);
      assert.match(notice.text, text);
      assert.ok(notice.text.includes(last.startedAt));
      assert.match(notice.cure, cure);
      assert.match(noticeOf(code, null)?.text ?? '', /unknown for everyone/);
    });
});
