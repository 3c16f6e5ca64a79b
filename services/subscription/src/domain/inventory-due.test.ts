import assert from 'node:assert/strict';
import type { IntegrationSettings, SubscriptionRecord, Watch } from '@muster/contracts';
import fc from 'fast-check';
import { at, DAY, live, MINUTE, NOW, USERS } from '../../test/support/records.js';
import { toDoubt, toInventoriedAt, toSweepsSince } from './inventory-due.js';

const GROUP: Watch = { entity: 'group', resource: '/groups/33333333-3333-4333-8333-333333333333' };
type Settings = Parameters<typeof toDoubt>[0]['settings'];
type Sweeps = Parameters<typeof toDoubt>[0]['sweeps'];

const resumed = (fields: Partial<Settings> = {}): Settings => ({
  ...{ state: 'active', startedAt: at(NOW - 2 * DAY), resumedAt: at(NOW - MINUTE) },
  ...fields,
});

describe('whether it is open that what is told as live is there', () => {
  const doubt = (recorded: SubscriptionRecord[], settings = resumed()) => toDoubt({ settings, recorded, sweeps: [] });

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

describe('whether changes that nobody announced leave it open', () => {
  const settings = resumed({ resumedAt: undefined });
  const sweep = (agoMs: number, lost: number, state: Sweeps[number]['state'] = 'covered'): Sweeps[number] => ({
    ...{ to: at(NOW - agoMs), state, lost },
  });
  const doubt = (record: SubscriptionRecord, ...sweeps: Sweeps[number][]) =>
    toDoubt({ settings, recorded: [record], sweeps });

  it('does where notifications were told to cover the time, by the newest such sweep', () => {
    const sweeps = [sweep(7 * MINUTE, 2), sweep(4 * MINUTE, 1), sweep(MINUTE, 0)];
    assert.equal(doubt(live(USERS), ...sweeps), NOW - 4 * MINUTE);
    assert.equal(doubt(live(USERS), sweep(MINUTE, 0)), null, 'none was lost');
    for (const state of ['by-sweep', 'blind'] as const) assert.equal(doubt(live(USERS), sweep(MINUTE, 3, state)), null);
  });

  it('does not once Graph has said since that the subscription is there', () => {
    for (const known of ['createdAt', 'renewedAt', 'inventoriedAt'] as const)
      assert.equal(doubt(live(USERS, { [known]: at(NOW - 4 * MINUTE) }), sweep(4 * MINUTE, 1)), null, known);
  });

  it('does so for that on people only: the meter counts no others', () => {
    assert.equal(doubt(live(GROUP), sweep(MINUTE, 1)), null);
    assert.equal(doubt(live(USERS, { status: 'missing' }), sweep(MINUTE, 1)), null);
  });

  it('is asked for only while it runs and is told as live, back to the last proof, a regular inventory at most', () => {
    const since = (record: SubscriptionRecord, state: Settings['state'] = 'active') =>
      toSweepsSince({ settings: resumed({ state }), recorded: [record], now: NOW });
    assert.equal(since(live(USERS)), at(NOW - 15 * MINUTE));
    assert.equal(since(live(USERS, { renewedAt: at(NOW - 4 * MINUTE) })), at(NOW - 4 * MINUTE));
    assert.deepEqual(
      [since(live(USERS), 'paused'), since(live(GROUP)), since(live(USERS, { status: 'missing' }))],
      [null, null, null],
    );
  });
});
