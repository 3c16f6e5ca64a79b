import assert from 'node:assert/strict';
import fc from 'fast-check';
import { changeNotification, lifecycleNotification, notificationCollection } from './graph-notification.js';

const id = '7A8B9C0D-1111-4222-8333-444455556666';
const tenantId = '22222222-2222-4222-8222-222222222222';
const subscriptionId = '33333333-3333-4333-8333-333333333333';
const user = {
  changeType: 'updated',
  clientState: 's',
  resource: `Users/${id}`,
  resourceData: {
    '@odata.type': '#Microsoft.Graph.User',
    '@odata.id': `Users/${id}`,
    id,
    organizationId: tenantId,
    eventTime: '2026-11-23T10:00:00.1234567Z',
    sequenceNumber: '636784480202455800',
  },
  subscriptionExpirationDateTime: '2026-12-01T00:00:00+00:00',
  subscriptionId,
  tenantId,
};

describe('changeNotification', () => {
  it('reads the documented user notification; ids in lower case, unknown fields ignored', () => {
    const parsed = changeNotification.parse({ ...user, somethingNew: { deep: true } });
    assert.equal(parsed.entityId, id.toLowerCase());
    assert.equal(parsed.sequenceNumber, '636784480202455800');
    assert.equal(parsed.members, undefined);
  });

  it('reads members@delta with @removed as text and as an object', () => {
    const members = [{ id }, { id, '@removed': 'deleted' }, { id, '@removed': { reason: 'changed' } }];
    const parsed = changeNotification.parse({ ...user, resourceData: { id, 'members@delta': members } });
    assert.deepEqual(
      parsed.members?.map((member) => member.removed),
      [false, true, true],
    );
  });

  it('takes the tenant from organizationId where tenantId is missing', () => {
    const { tenantId: _, ...rest } = user;
    assert.equal(changeNotification.parse(rest).tenantId, tenantId);
    assert.equal(
      changeNotification.parse({ ...rest, resourceData: null, organizationId: tenantId }).tenantId,
      tenantId,
    );
    assert.equal(changeNotification.safeParse({ ...rest, resourceData: null }).success, false);
  });

  it('reads a notification without resourceData, eventTime or sequenceNumber', () => {
    const { resourceData: _, ...rest } = user;
    assert.equal(changeNotification.parse(rest).eventTime, undefined);
  });
});

describe('lifecycleNotification', () => {
  it('reads the documented shape and the captured one with organizationId', () => {
    const base = { subscriptionId, lifecycleEvent: 'reauthorizationRequired', clientState: 's' };
    assert.equal(lifecycleNotification.parse({ ...base, tenantId }).tenantId, tenantId);
    const captured = { ...base, organizationId: tenantId, encryptedContent: null, resource: `Subscriptions/${id}` };
    assert.equal(lifecycleNotification.parse(captured).tenantId, tenantId);
    assert.equal(lifecycleNotification.safeParse(base).success, false);
  });
});

describe('the parsers of what Graph posts', () => {
  it('never throw, whatever is posted', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const parser of [changeNotification, lifecycleNotification, notificationCollection])
          parser.safeParse(value);
      }),
    );
  });
});
