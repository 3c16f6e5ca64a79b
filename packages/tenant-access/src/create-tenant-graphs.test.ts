import assert from 'node:assert/strict';
import { Failure } from '@muster/contracts';
import { toClockReason } from './create-tenant-graphs.js';
import { toTenantHealth } from './tenant-health.js';

describe('toClockReason', () => {
  const cases: [number[], string | null][] = [
    [[], null],
    [[0, 4_999, -5_000], null],
    [[0, 5_001], "this machine's clock is 5.0 s ahead of Microsoft Graph's; set it by NTP"],
    [[100, -7_200], "this machine's clock is 7.2 s behind Microsoft Graph's; set it by NTP"],
  ];
  for (const [skews, expected] of cases)
    it(`finds ${expected ?? 'nothing'} in ${JSON.stringify(skews)}`, () => {
      assert.equal(
        toClockReason(
          skews.map((skew) => ({ clockSkewMs: () => skew })),
          new Date(),
        ),
        expected,
      );
    });

  it('forgets a tenant that answered last before the clock was set', () => {
    const setAt = new Date('2026-01-01T12:00:00Z');
    const silent = (now?: Date) => (now && now.getTime() > setAt.getTime() + 600_000 ? null : 8_000);
    const graphs = [{ clockSkewMs: () => 0 }, { clockSkewMs: silent }];
    assert.match(toClockReason(graphs, setAt) ?? '', /8\.0 s ahead/);
    assert.equal(toClockReason(graphs, new Date(setAt.getTime() + 660_000)), null);
  });
});

describe('toTenantHealth', () => {
  it('says why and until when a tenant is in quarantine', () => {
    const failure = new Failure('token.refused', 'The client secret is wrong.', { retryable: false });
    const state = { state: 'quarantined', at: 0, since: 0, until: 5_000, count: 1, failure } as const;
    assert.deepEqual(toTenantHealth({ integrationId: 'i', service: 'projector', state }), {
      ...{ integrationId: 'i', service: 'projector', state: 'quarantined', count: 1 },
      failure: { code: 'token.refused', message: 'The client secret is wrong.' },
      since: '1970-01-01T00:00:00.000Z',
      at: '1970-01-01T00:00:00.000Z',
      until: '1970-01-01T00:00:05.000Z',
    });
  });
});
