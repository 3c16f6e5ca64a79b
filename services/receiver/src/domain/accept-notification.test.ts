import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createClientStateVerifier, lifecycleEvent, notificationEvent, ZERO_ID } from '@muster/contracts';
import {
  canaryItem,
  GROUP,
  INTEGRATION,
  KEYS,
  lifecycleItem,
  OLD_KEY,
  sign,
  SUBSCRIPTION,
  TENANT,
  USER,
  userItem,
} from '../../test/notifications.js';
import { acceptNotification, type Verdict } from './accept-notification.js';

const OPTIONS = { verify: createClientStateVerifier(KEYS), receivedAt: new Date('2026-11-23T10:00:01Z') };
const accept = (item: unknown): Verdict => acceptNotification(item, OPTIONS);
const reasonOf = (item: unknown): string => {
  const verdict = accept(item);
  return verdict.status === 'dropped' ? verdict.reason : 'accepted';
};
type Accepted = Extract<Verdict, { status: 'accepted'; kind: 'notification' }>;
const accepted = (item: unknown): Accepted => {
  const verdict = accept(item);
  assert.ok(verdict.status === 'accepted' && verdict.kind === 'notification', JSON.stringify(verdict));
  return verdict;
};

describe('acceptNotification', () => {
  it('turns a proved notification into an event under the tenant and the person, without its clientState', () => {
    const verdict = accepted(userItem());
    assert.equal(verdict.key, `${TENANT}/${USER}`);
    assert.equal(verdict.partition, undefined);
    assert.deepEqual(verdict.value, {
      version: 1,
      integrationId: INTEGRATION,
      tenantId: TENANT,
      subscriptionId: SUBSCRIPTION,
      entity: 'user',
      entityId: USER,
      changeType: 'updated',
      eventTime: '2026-11-23T10:00:00.123Z',
      receivedAt: '2026-11-23T10:00:01.000Z',
    });
    assert.deepEqual(notificationEvent.parse(verdict.value), verdict.value);
  });

  it('tells a group and who joined and left it, with @removed as text or as an object', () => {
    const removed = [
      { id: USER },
      { id: USER, '@removed': 'deleted' },
      { id: USER, '@removed': { reason: 'deleted' } },
    ];
    const { value } = accepted(
      userItem({ resource: `/groups/${GROUP}`, resourceData: { id: GROUP, 'members@delta': removed } }),
    );
    assert.equal(value.entity, 'group');
    assert.equal(value.entityId, GROUP);
    assert.deepEqual(
      value.members?.map((member) => member.removed),
      [false, true, true],
    );
  });

  it('takes the id from the resource when there is no resourceData, in any case of letters', () => {
    const { value } = accepted(userItem({ resource: `USERS/${USER.toUpperCase()}`, resourceData: null }));
    assert.equal(value.entityId, USER);
    assert.equal(accepted(userItem({ resource: `users('${USER}')`, resourceData: {} })).value.entityId, USER);
  });

  it('takes organizationId for the tenant', () => {
    const { tenantId: _, ...item } = userItem();
    assert.equal(accepted({ ...item, organizationId: TENANT }).value.tenantId, TENANT);
  });

  it('keeps every digit of a sequence number', () => {
    const { value } = accepted(userItem({ resourceData: { id: USER, sequenceNumber: '636784480202455801' } }));
    assert.equal(value.sequenceNumber, '636784480202455801');
  });

  it('leaves out an event time that is none, and the placeholder 0001-01-01', () => {
    for (const eventTime of ['soon', '0001-01-01T00:00:00Z', '', null]) {
      const { value } = accepted(userItem({ resourceData: { id: USER, eventTime } }));
      assert.ok(!('eventTime' in value), String(eventTime));
    }
  });

  it('accepts what was signed with an older key, and says so', () => {
    assert.equal(accepted(userItem({ clientState: sign(TENANT, INTEGRATION, OLD_KEY) })).keyIndex, 1);
  });

  it('drops an item whose clientState is missing, malformed, forged or of another tenant', () => {
    assert.equal(reasonOf(userItem({ clientState: undefined })), 'client-state-missing');
    assert.equal(reasonOf(userItem({ clientState: 'guess' })), 'client-state-malformed');
    assert.equal(
      reasonOf(userItem({ clientState: sign(TENANT, INTEGRATION, randomBytes(32)) })),
      'client-state-forged',
    );
    assert.equal(reasonOf(userItem({ tenantId: GROUP })), 'client-state-forged');
    assert.equal(reasonOf(lifecycleItem({ clientState: sign(GROUP) })), 'client-state-forged');
  });

  it('reads no more of an item than its proof needs, until it is proved', () => {
    const forged = userItem({ clientState: sign(TENANT, INTEGRATION, randomBytes(32)) });
    const ofProof = new Set(['tenantId', 'organizationId', 'resourceData', 'clientState', 'lifecycleEvent']);
    const guarded = new Proxy(forged, {
      get: (item, name) => {
        assert.ok(ofProof.has(String(name)), `${String(name)} was read`);
        return Reflect.get(item, name) as unknown;
      },
    });
    assert.equal(reasonOf(guarded), 'client-state-forged');
  });

  it('drops what names neither a user nor a group, and an id that is none', () => {
    assert.equal(reasonOf(userItem({ resource: 'Devices/1', resourceData: null })), 'unknown-resource');
    assert.equal(reasonOf(userItem({ resource: 'Users/../1', resourceData: null })), 'unknown-resource');
    assert.equal(reasonOf(userItem({ resource: 'Users', resourceData: null })), 'unknown-resource');
    assert.equal(reasonOf(userItem({ resource: 'UsersX/1' })), 'unknown-resource');
    for (const none of [{}, null, 7, 'text', []]) assert.equal(reasonOf(none), 'unreadable');
  });

  it('sends a canary to the partition that it names', () => {
    const { value, partition, key } = accepted(canaryItem(7));
    assert.deepEqual([value.entity, value.entityId, partition, key], ['canary', '7', 7, `${ZERO_ID}/7`]);
    for (const wrong of [12, -1, '07', '1e0', 'x']) assert.equal(reasonOf(canaryItem(wrong)), 'unknown-resource');
  });

  it('lets the zero tenant be a canary and nothing else, and nobody else a canary', () => {
    const zero = { tenantId: ZERO_ID, clientState: sign(ZERO_ID, ZERO_ID) };
    assert.equal(reasonOf(userItem(zero)), 'misused-canary');
    assert.equal(reasonOf(lifecycleItem(zero)), 'misused-canary');
    assert.equal(reasonOf(canaryItem(1, { tenantId: TENANT, clientState: sign() })), 'misused-canary');
    assert.equal(reasonOf(userItem({ clientState: sign(TENANT, ZERO_ID) })), 'misused-canary');
  });

  it('turns a lifecycle item into an event under its subscription, with tenantId or organizationId', () => {
    for (const item of [lifecycleItem(), lifecycleItem({ tenantId: null, organizationId: TENANT })]) {
      const verdict = accept(item);
      assert.ok(verdict.status === 'accepted' && verdict.kind === 'lifecycle');
      assert.equal(verdict.key, SUBSCRIPTION);
      assert.deepEqual(lifecycleEvent.parse(verdict.value), verdict.value);
      assert.ok(!('clientState' in verdict.value));
    }
  });

  it('never throws, whatever is posted', () => {
    const near = fc.record(
      Object.fromEntries(Object.keys({ ...userItem(), ...lifecycleItem() }).map((field) => [field, fc.anything()])),
      { requiredKeys: [] },
    );
    const spoilt = near.map((fields) => userItem(fields));
    fc.assert(fc.property(fc.oneof(fc.anything(), near, spoilt), (item) => void accept(item)));
  });

  it('never accepts an item whose clientState was not signed for its tenant with one of our keys', () => {
    const guid = fc.uuid();
    const forged = fc.oneof(
      fc.string(),
      fc.tuple(guid, guid).map(([tenant, integration]) => sign(tenant, integration)),
      guid.map((integration) => sign(TENANT, integration, randomBytes(32))),
      // The last character has two spare bits, which name the same MAC.
      fc.nat(sign().length - 2).map((index) => {
        const good = sign();
        return `${good.slice(0, index)}${good[index] === 'A' ? 'B' : 'A'}${good.slice(index + 1)}`;
      }),
    );
    fc.assert(
      fc.property(forged, fc.constantFrom(userItem, lifecycleItem), (clientState, toItem) => {
        assert.notEqual(reasonOf(toItem({ clientState })), 'accepted');
      }),
    );
  });
});
