import assert from 'node:assert/strict';
import type { IntegrationSettings, PlanRecord, UserStatus } from '@muster/contracts';
import type { Run } from './run.js';
import { whoCameBack } from './who-came-back.js';

const BEFORE = '2026-01-01T00:00:00.000Z';
const DECIDED = '2026-01-01T00:01:00.000Z';
const AFTER = '2026-01-01T00:02:00.000Z';

describe('who came back since an admin let them go', () => {
  it('is in scope by a document that was changed after the answer; the removal that arrives is no return', async () => {
    const documents: Record<string, { status: UserStatus; changedAt: string }> = {
      back: { status: 'active', changedAt: AFTER },
      'on the way out': { status: 'active', changedAt: BEFORE },
      'out by now': { status: 'out-of-scope', changedAt: AFTER },
      'never asked': { status: 'active', changedAt: AFTER },
    };
    const names = Object.keys(documents);
    const run = {
      settings: { tenantId: 'tenant' } as IntegrationSettings,
      tries: <T>(act: () => Promise<T>) => act(),
      store: {
        users: {
          load: (ids: string[]) =>
            Promise.resolve(new Map(ids.map((id) => [id, { document: documents[id.slice('tenant/'.length)] }]))),
        },
      },
    } as unknown as Run;
    const plan = {
      candidates: names
        .filter((userId) => userId !== 'never asked')
        .map((userId) => ({ userId, why: 'left-group', state: 'removed', decidedAt: DECIDED })),
    } as unknown as PlanRecord;
    const removals = names.map((userId) => ({ userId, why: 'left-group' as const, inScope: true }));
    assert.deepEqual([...(await whoCameBack(run, removals, [plan]))], ['back']);
  });
});
