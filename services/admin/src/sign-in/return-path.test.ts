import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toOwnPath } from './return-path.js';

describe('return path', () => {
  it('is one of our own as it was given', () => {
    for (const path of ['/', '/people/1?search=a#top', '/a%2Fb']) assert.equal(toOwnPath(path), path);
  });

  it('never leads to another site, whatever was tried', () => {
    const tried = [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '/\t/evil.example',
      '/.//evil.example',
      '/a/..//evil.example',
      'javascript:alert(1)',
      ' //evil.example',
      '',
      undefined,
      ['/a'],
    ];
    for (const text of tried) assert.equal(toOwnPath(text), '/', String(text));
  });

  it('stays on our origin by the rules of browsers, for any text', () => {
    const pieces = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      'evil.example',
      ':',
      '@',
      '?',
      '#',
      '\t',
      '\n',
      '%2f',
      'http:',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((parts) => `/${parts.join('')}`),
        ),
        (text) => {
          assert.equal(new URL(toOwnPath(text), 'https://muster.example').origin, 'https://muster.example');
        },
      ),
    );
  });
});
