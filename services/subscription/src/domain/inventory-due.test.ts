import assert from 'node:assert/strict';
import type { IntegrationSettings, SubscriptionRecord, Watch } from '@muster/contracts';
import fc from 'fast-check';
import { at, DAY, live, MINUTE, NOW, USERS } from '../../test/support/records.js';
import { toDoubt, toInventoriedAt } from './inventory-due.js';

const GROUP: Watch = { entity: 'group', resource: '/groups/33333333-3333-4333-8333-333333333333' };
type Settings = Parameters<typeof toDoubt>[0]['settings'];

describe('whether it is open that what is told as live is there', () => {
  const resumed = (fields: Partial<Settings> = {}): Settings => ({
    ...{ state: 'active', startedAt: at(NOW - 2 * DAY), resumedAt: at(NOW - MINUTE) },
    ...fields,
  });
  const doubt = (recorded: SubscriptionRecord[], settings = resumed()) => toDoubt({ settings, recorded });

  it('is so behind a start, for what was made before it', () => {
    assert.equal(doubt([live(USERS)]), NOW - MINUTE);
    const made = live(GROUP, { createdAt: at(NOW) });
    assert.equal(doubt([made, live(USERS)]), NOW - MINUTE);
    const first = resumed({ startedAt: at(NOW - MINUTE), resumedAt: undefined });
    assert.equal(doubt([live(USERS)], first), NOW - MINUTE, 'the first start, too');
  });

  it('is not where each was made, renewed or asked for since', () => {
    for (const known of ['createdAt', 'renewedAt', 'inventoriedAt'] as const)
      assert.equal(doubt([live(USERS, { [known]: at(NOW - MINUTE) })]), null, known);
    assert.equal(doubt([live(USERS)], resumed({ resumedAt: undefined })), null, 'started before it was made');
    assert.equal(doubt([]), null);
  });

  it('is not while nobody calls any live, nor while the integration does not run', () => {
    for (const status of ['missing', 'refused', 'slot-taken'] as const)
      assert.equal(doubt([live(USERS, { status })]), null, status);
    for (const state of ['draft', 'paused', 'removed'] satisfies IntegrationSettings['state'][])
      assert.equal(doubt([live(USERS)], resumed({ state })), null, state);
  });

  it('ends with the inventory, however the clocks of the services differ', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE }), (ahead) => {
        const recorded = [live(USERS), live(GROUP)];
        const since = doubt(recorded)!;
        const inventoriedAt = toInventoriedAt(since, NOW + ahead);
        assert.equal(doubt(recorded.map((record) => ({ ...record, inventoriedAt }))), null);
      }),
    );
  });
});
