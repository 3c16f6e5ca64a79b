import assert from 'node:assert/strict';
import { toShownAddress } from './target-schemas.js';

describe('the address of a webhook', () => {
  it('is shown by origin and its last four characters, and a short one by its origin alone', () => {
    for (const [url, shown] of [
      ['https://hooks.slack.com/services/T0/B0/XyZsecret9876', 'https://hooks.slack.com/…9876'],
      ['https://example.com:8443/hook?token=abcdefgh', 'https://example.com:8443/…efgh'],
      ['https://example.com/hook', 'https://example.com/…'],
      ['https://example.com/?t=abc', 'https://example.com/…'],
      ['https://example.com/', 'https://example.com'],
      ['https://example.com', 'https://example.com'],
    ] as const)
      assert.equal(toShownAddress(url), shown, url);
  });
});
