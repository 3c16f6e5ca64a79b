import assert from 'node:assert/strict';
import { isSameSite } from './session-cookie.js';

/** Of https://muster.example, behind a proxy that speaks http to us. */
const isTaken = (headers: Record<string, string>): boolean => {
  const all: Record<string, string> = { host: 'muster.example', ...headers };
  return isSameSite({ get: (name: string) => all[name] }, 'https://muster.example');
};

describe('a request of Muster’s own pages', () => {
  it('is known by Fetch Metadata, else by the whole origin under which browsers reach admin, scheme and port too', () => {
    assert.ok(isTaken({ 'sec-fetch-site': 'same-origin', origin: 'null' }));
    assert.ok(isTaken({ origin: 'https://muster.example' }));
    for (const origin of ['http://muster.example', 'https://muster.example:444', 'https://evil.example', 'null', ''])
      assert.ok(!isTaken({ origin }), origin);
    assert.ok(!isTaken({ 'sec-fetch-site': 'cross-site', origin: 'https://muster.example' }));
    assert.ok(!isTaken({ host: 'evil.example', origin: 'https://evil.example' }));
    assert.ok(!isTaken({}));
  });
});
