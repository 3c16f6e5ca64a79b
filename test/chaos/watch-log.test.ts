import assert from 'node:assert/strict';
import { toRightTime } from './watch-log.js';

const HOUR = 3_600_000;

describe('the time of what was told', () => {
  it('is the one of the event, also where the clock of its writer was off by an hour, and however long it waited', () => {
    const told = Date.parse('2026-11-28T09:51:17Z');
    for (const shift of [0, HOUR, -HOUR, 2 * HOUR])
      for (const waited of [0, 2_000, 29 * 60_000]) assert.equal(toRightTime(told + shift, told + waited), told);
  });
});
