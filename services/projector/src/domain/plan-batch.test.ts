import assert from 'node:assert/strict';
import { ZERO_ID, type IntegrationSettings, type NotificationEvent, type UserObservation } from '@muster/contracts';
import { isFreshEnough, planBatch, type BatchEvent } from './plan-batch.js';

const at = '2026-11-25T10:00:00.000Z';
const integrationId = '11111111-1111-4111-8111-111111111111';
const tenantId = '22222222-2222-4222-8222-222222222222';
const [oldGroup, newGroup] = ['33333333-3333-4333-8333-333333333333', '44444444-4444-4444-8444-444444444444'];
const userId = '55555555-5555-4555-8555-555555555555';

const held = (fields: Partial<IntegrationSettings> = {}) => {
  const settings = {
    integrationId,
    tenantId,
    state: 'active',
    revision: 3,
    groupId: newGroup,
    features: { userSync: true, mfaVerification: true },
    ...fields,
  } as IntegrationSettings;
  return new Map([[integrationId, settings]]);
};
const notification = (fields: Partial<NotificationEvent> = {}): BatchEvent => ({
  kind: 'notification',
  event: { integrationId, tenantId, entity: 'user', entityId: userId, ...fields } as NotificationEvent,
});
const observation = (fields: Partial<UserObservation> = {}): BatchEvent => ({
  kind: 'observation',
  event: {
    version: 1,
    integrationId,
    tenantId,
    source: 'full',
    observedAt: at,
    type: 'user',
    userId,
    user: null,
    ...fields,
  },
});

describe('whether the settings at hand do for a batch', () => {
  for (const [what, events, view, enough] of [
    ['an integration that is not known yet', [notification()], new Map(), false],
    ['one that was a draft when it was looked at', [notification()], held({ state: 'draft' }), false],
    ['one that was removed', [observation()], held({ state: 'removed' }), false],
    ['a notification of one that is served', [notification()], held(), true],
    ['rows that were read for newer settings', [observation({ settingsRevision: 4 })], held(), false],
    [
      'rows that were read for these or older ones',
      [observation({ settingsRevision: 3 }), observation()],
      held(),
      true,
    ],
    ['a canary, which is of no integration', [notification({ entity: 'canary', tenantId: ZERO_ID })], new Map(), true],
  ] as const)
    it(`${enough ? 'they do' : 'they do not'}: ${what}`, () => {
      assert.equal(isFreshEnough(events, view), enough);
    });
});

describe('a batch by tenant and person', () => {
  it('keeps whom notifications name while paused, so that the sweep which finds them found no loss', () => {
    const plan = planBatch([notification()], held({ state: 'paused' })).tenants.get(integrationId);
    assert.deepEqual([plan?.named.size, plan?.sweep], [1, 'notified while paused']);
  });

  it('keeps the group that a membership was read for', () => {
    const seen = (groupId?: string | null) =>
      planBatch(
        [observation({ membership: { inGroup: true, groupPath: [], ...(groupId === undefined ? {} : { groupId }) } })],
        held(),
      )
        .tenants.get(integrationId)
        ?.users.get(userId)?.[0]?.membership?.groupId;
    assert.deepEqual([seen(oldGroup), seen(newGroup), seen(), seen(null)], [oldGroup, newGroup, newGroup, undefined]);
  });
});
