import assert from 'node:assert/strict';
import { createLogger } from '@muster/telemetry';
import { createClearAway } from './clear-away.js';

describe('createClearAway', () => {
  const now = new Date('2026-06-30T00:00:00.000Z');
  const setUp = (left: Record<string, number>) => {
    const asked: string[] = [];
    const rows = (name: string) => ({
      clear: (integrationId: string, before: string, limit: number) => {
        asked.push(`${name} of ${integrationId} before ${before.slice(0, 10)}`);
        const cleared = Math.min(limit, left[`${name} ${integrationId}`] ?? 0);
        left[`${name} ${integrationId}`] = (left[`${name} ${integrationId}`] ?? 0) - cleared;
        return Promise.resolve(cleared);
      },
    });
    const all = () => Promise.resolve([{ integrationId: 'one' }, { integrationId: 'removed' }] as never);
    const store = { integrations: { all }, snapshots: rows('reads'), plans: rows('plans') };
    const run = createClearAway({ store, logger: createLogger({ service: 'test', level: 'silent' }), now: () => now });
    return { asked, run };
  };

  it('clears all that is older than 90 days, of every integration, some at a time', async () => {
    const left = { 'reads one': 2_500, 'plans one': 3, 'reads removed': 1, 'plans removed': 0 };
    const { asked, run } = setUp(left);
    await run(new AbortController().signal);
    assert.deepEqual(left, { 'reads one': 0, 'plans one': 0, 'reads removed': 0, 'plans removed': 0 });
    assert.equal(asked.length, 6);
    assert.ok(asked.every((one) => one.endsWith('before 2026-04-01')));
  });

  it('leaves off when the service stops', async () => {
    const stopping = new AbortController();
    stopping.abort();
    const { asked, run } = setUp({ 'reads one': 2_500 });
    await run(stopping.signal);
    assert.deepEqual(asked, []);
  });
});
