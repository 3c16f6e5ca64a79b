import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatMs, formatWhen, toPercent } from './domain/format.js';
import { html } from './html.js';

describe('html', () => {
  it('whatever text is put in stays text, in elements and in attributes', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const page = html`<p title="${text}">${text}</p>`.text;
        const inner = page.slice('<p title="'.length, -'</p>'.length);
        assert.equal(inner.match(/[<"']/g)?.join('') ?? '', '"');
      }),
    );
  });

  it('pieces of html are kept, lists joined, and nothing is shown for false, null or undefined', () => {
    const items = [html`<b>${1}</b>`, false, null, undefined, 'two'] as const;
    assert.equal(html`<i>${items}</i>`.text, '<i><b>1</b>two</i>');
  });
});

describe('numbers on a page', () => {
  it('times are told in the unit that people would use', () => {
    assert.deepEqual(
      [null, 12.4, 1_000, 1_500, 60_000, 5_400_000, 200_000_000].map((ms) => formatMs(ms)),
      ['–', '12 ms', '1 s', '1.5 s', '1 min', '1.5 h', '2 d'],
    );
    const now = new Date('2026-01-01T00:00:00Z');
    assert.deepEqual(
      ['2026-01-01T00:00:30Z', '2025-12-31T23:59:00Z', '2026-01-01T00:00:00Z', null].map((at) => formatWhen(at, now)),
      ['in 30 s', '1 min ago', 'now', '–'],
    );
  });

  it('100 % means all, and nobody has no share', () => {
    assert.deepEqual([toPercent(999, 1_000), toPercent(1, 1), toPercent(0, 0)], [99, 100, null]);
  });
});
