import assert from 'node:assert/strict';
import { toHistory, type HistoryItem } from './history.js';
import { isFiltered, NO_FILTERS, readFilters, toApiFilters } from './people-query.js';
import { toLagSeries } from './lag-series.js';

const item = (over: Partial<HistoryItem>): HistoryItem => ({
  id: 'users/t/u/2',
  type: 'muster.user.updated',
  revision: 2,
  values: {},
  at: '2026-11-25T12:00:00Z',
  way: {
    source: 'notification',
    steps: [
      { step: 'happened', at: '2026-11-25T11:59:57.500Z', ms: null },
      { step: 'notified', at: '2026-11-25T11:59:59.500Z', ms: 2_000 },
      { step: 'told', at: '2026-11-25T12:00:00.000Z', ms: 500 },
    ],
  },
  ...over,
});

describe('history of a person', () => {
  it('tells each field with its new value, and an emptied one as none', () => {
    const [entry] = toHistory([item({ values: { department: null, accountEnabled: false } })]);
    assert.deepEqual(entry!.changes, [
      ['Department', 'none'],
      ['Account enabled', 'no'],
    ]);
    assert.equal(entry!.summary, 'Revision 2, by a notification, 2.5 s in all.');
    assert.deepEqual(
      entry!.steps.map(({ text }) => text),
      ['Changed at Microsoft', 'notified +2 s', 'told on the feed +500 ms'],
    );
  });

  it('a first document is one event, not a change of every field; an unknown kind is shown as it came', () => {
    assert.deepEqual(toHistory([item({ type: 'muster.user.created', values: { mail: 'a@b.c' } })])[0]!.changes, []);
    assert.equal(toHistory([item({ type: 'muster.user.later' })])[0]!.title, 'muster.user.later');
    const values = { state: 'capable', methodsRegistered: ['app', 'phone'], isMfaCapable: true };
    const mfa = { type: 'muster.mfa.changed', values };
    assert.deepEqual(toHistory([item({ ...mfa, revision: 1 })])[0]!.changes, [
      ['State', 'capable'],
      ['Methods registered', 'app, phone'],
    ]);
    assert.equal(toHistory([item({ ...mfa, revision: 2 })])[0]!.changes.length, 3);
  });
});

describe('filters of people', () => {
  it('go from the address to the API; what is not set is not sent', () => {
    const filters = readFilters({ search: '  ann ', scope: 'out', admin: 'true', integration: 'x' });
    assert.deepEqual(toApiFilters(filters), { search: 'ann', inGroup: 'false', admin: 'true' });
    assert.equal(isFiltered(filters), true);
    assert.equal(isFiltered(NO_FILTERS), false);
  });
});

describe('lag over time', () => {
  it('where a step was not measured there is a gap, not 0', () => {
    const total = { step: 'total' as const, count: 1, p50: 500, p95: 2_000, p99: 5_000 };
    const { times, lines } = toLagSeries({
      step: '1m',
      points: [
        { at: '2026-11-25T12:00:00Z', steps: [total] },
        { at: '2026-11-25T12:01:00Z', steps: [] },
      ],
    });
    assert.equal(times[1]! - times[0]!, 60);
    assert.deepEqual(lines[1]!.values, [2, null]);
    assert.deepEqual(lines[3]!.values, [null, null]);
  });

  it('slices that are left out, since nothing was measured, are a gap too', () => {
    const total = { step: 'total' as const, count: 1, p50: 500, p95: 2_000, p99: 5_000 };
    const points = ['12:00', '12:05', '12:30'].map((time) => ({ at: `2026-11-25T${time}:00Z`, steps: [total] }));
    const { times, lines } = toLagSeries({ step: '5m', points });
    assert.deepEqual(lines[0]!.values, [0.5, 0.5, null, 0.5]);
    assert.equal(times[2]! - times[1]!, 300);
  });
});
