import assert from 'node:assert/strict';
import { daysUntil, formatMs, formatWhen, toPercent, toTitle } from './format.js';

const now = new Date('2026-11-25T12:00:00Z');

describe('words for figures', () => {
  it('a length of time is said in the unit that people would use', () => {
    const said = [0, 999, 1_500, 59_000, 90_000, 7_200_000, 200_000_000].map((ms) => formatMs(ms));
    assert.deepEqual(said, ['0 ms', '999 ms', '1.5 s', '59 s', '1.5 min', '2 h', '2 d']);
    assert.equal(formatMs(null), '–');
  });

  it('the past and the future are told apart', () => {
    assert.equal(formatWhen('2026-11-25T11:59:48Z', now), '12 s ago');
    assert.equal(formatWhen('2026-11-27T12:00:01Z', now), 'in 2 d');
    assert.equal(formatWhen('2026-11-25T12:00:00.500Z', now), 'now');
    assert.equal(formatWhen(null, now), '–');
  });

  it('100 % means all, and nobody has no percentage', () => {
    assert.equal(toPercent(999, 1_000), 99);
    assert.equal(toPercent(0, 0), null);
  });

  it('a passed day is negative', () => {
    assert.equal(daysUntil('2026-11-24T12:00:00Z', now), -1);
  });

  it('a message is a title; the name of a field in it stays as it is', () => {
    assert.equal(toTitle('is not JSON'), 'Is not JSON');
    assert.equal(toTitle('integrationId is not a GUID'), 'integrationId is not a GUID');
    assert.equal(toTitle(''), '');
  });
});
