import assert from 'node:assert/strict';
import fc from 'fast-check';
import { forecastRead } from './forecast.js';

const report = { unitsPerPage: 1, unitsPerWindow: 5, windowMs: 10_000, pageMs: 100 };

describe('forecastRead', () => {
  it('knows the floor of the MFA report: 101 pages take 20 windows', () => {
    assert.equal(forecastRead({ ...report, pages: 101 }), 200_100);
    assert.equal(forecastRead({ ...report, pages: 5 }), 500);
    assert.equal(forecastRead({ ...report, pages: 6 }), 10_100);
    assert.equal(forecastRead({ ...report, pages: 0 }), 0);
  });

  it('goes by the pages where they are slower than the budget', () => {
    assert.equal(
      forecastRead({ pages: 10, unitsPerPage: 1, unitsPerWindow: 3_000, windowMs: 10_000, pageMs: 500 }),
      5_000,
    );
  });

  it('waits first where the first page has to wait', () => {
    assert.equal(forecastRead({ ...report, pages: 1, startsInMs: 4_000 }), 4_100);
  });

  it('never falls when there is more to read', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.nat(2_000), (one, more) => {
        const pages = (count: number): number => forecastRead({ ...report, pages: count });
        assert.ok(pages(one + more) >= pages(one));
      }),
    );
  });
});
