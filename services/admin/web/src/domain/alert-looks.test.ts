import assert from 'node:assert/strict';
import { toLook } from './alert-looks.js';

describe('the last look at the alert rules', () => {
  const now = new Date('2026-11-25T12:00:00Z');

  it('quiet is claimed only of rules that were looked at within three minutes', () => {
    assert.deepEqual(toLook('2026-11-25T11:59:50Z', now), {
      isWatched: true,
      text: 'Every rule was looked at 10 s ago, and none holds.',
    });
    assert.equal(toLook('2026-11-25T11:57:10Z', now)?.isWatched, true);
    assert.equal(toLook('2026-11-25T11:56:50Z', now)?.isWatched, false);
    assert.deepEqual(toLook('2026-11-25T11:40:00Z', now), {
      isWatched: false,
      text: 'The rules were last looked at 20 min ago: nobody watches until the admin service does again.',
    });
  });

  it('never is told as such, and a service that does not tell is not spoken for', () => {
    assert.equal(toLook(null, now)?.isWatched, false);
    assert.equal(toLook(undefined, now), null);
  });
});
