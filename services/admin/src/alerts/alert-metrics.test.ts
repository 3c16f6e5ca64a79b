import assert from 'node:assert/strict';
import { createMetrics } from '@muster/telemetry';
import { createAlertMetrics } from './alert-metrics.js';

type Status = Parameters<ReturnType<typeof createAlertMetrics>['set']>[0];

const now = new Date('2026-03-01T12:00:00Z');
const credential = { slot: 'a' as const, expiresAt: '2026-03-01T12:10:00.000Z' };
const toOne = (integrationId: string, state: Status['integrations'][number]['state']) =>
  ({
    ...{ integrationId, state, credential, completed: { users: null, mfa: null }, subscriptions: [] },
    ...{ lostRecently: 0, quarantined: [], plansWaiting: 2 },
  }) as unknown as Status['integrations'][number];
const pipeline = { projector: null, deadLettersOpen: null, canaries: { oldestAgeMs: null } } as Status['pipeline'];

describe('figures for alerts', () => {
  it('of a paused integration tell when the credential ends, for people sign in with it, and nothing of what rests', async () => {
    const metrics = createMetrics({ service: 'admin' });
    const integrations = [toOne('runs', 'active'), toOne('rests', 'paused'), toOne('begins', 'draft')];
    createAlertMetrics(metrics).set({ integrations, pipeline } as Status, [], now);
    const text = await metrics.text();
    const labelled = (name: string) =>
      [...text.matchAll(new RegExp(`^${name}\\{integration="(\\w+)".*\\} (\\d+)$`, 'gm'))].map(([, ...rest]) => rest);
    assert.deepEqual(labelled('muster_secret_expires_seconds'), [
      ['runs', '600'],
      ['rests', '600'],
    ]);
    assert.deepEqual(labelled('muster_plans_waiting'), [['runs', '2']]);
  });
});
