import assert from 'node:assert/strict';
import type { AuditRecord, AuditStore } from '@muster/store';
import { createAudit } from './audit.js';

const note = { actor: 'key k', action: 'post /integrations', integrationId: null, outcome: 'done' } as const;

describe('the audit', () => {
  it('is settled once all that was noted is kept, or was not taken; what is noted later is not waited for', async () => {
    const steps: string[] = [];
    const ends: (() => void)[] = [];
    const store: Pick<AuditStore, 'insert'> = {
      insert: ({ action }: AuditRecord) =>
        new Promise((resolve, reject) => {
          ends.push(() => {
            steps.push(`end of ${action}`);
            if (action === 'refused') reject(new Error('away'));
            else resolve();
          });
        }),
    };
    const audit = createAudit(store as AuditStore, () => new Date());
    const kept = audit.note({ ...note, action: 'first' });
    const refused = assert.rejects(audit.note({ ...note, action: 'refused' }), /away/);
    const settled = audit.settled().then(() => steps.push('settled'));
    void audit.note({ ...note, action: 'later' });
    ends[0]?.();
    await kept;
    ends[1]?.();
    await Promise.all([refused, settled]);
    assert.deepEqual(steps, ['end of first', 'end of refused', 'settled']);
  });
});
