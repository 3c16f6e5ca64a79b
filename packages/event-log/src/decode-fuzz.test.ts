import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  deadLetter,
  directoryChange,
  isFailure,
  lifecycleEvent,
  notificationEvent,
  observation,
  syncRequest,
  type TopicRole,
} from '@muster/contracts';
import { fuzzRuns, fuzzTimeout } from '@muster/test-support';
import { decodeEvent } from './decode.js';

const ID = '11111111-2222-4333-8444-555555555555';
const AT = '2026-11-23T10:00:00.000Z';
const whose = { version: 1, integrationId: ID, tenantId: ID };
const seen = { ...whose, observedAt: AT };
const user = {
  ...{ userId: ID, userPrincipalName: 'a@b.example', displayName: 'A', givenName: null, surname: null },
  ...{ mail: null, jobTitle: null, department: null, accountEnabled: true, userType: 'Member' },
};
const row = {
  ...{ userId: ID, isAdmin: null, isMfaRegistered: true, isMfaCapable: true, isPasswordlessCapable: false },
  ...{ isSsprRegistered: false, isSsprEnabled: false, isSsprCapable: false, methodsRegistered: ['mobilePhone'] },
  ...{ isSystemPreferredAuthenticationMethodEnabled: true, systemPreferredAuthenticationMethods: ['push'] },
  ...{ userPreferredMethodForSecondaryAuthentication: 'push', reportedAt: AT },
};
const membership = { groupId: ID, inGroup: true, groupPath: [ID] };
/** Both topics of observations hold the same shapes. */
const observations: readonly object[] = [
  { ...seen, source: 'full', type: 'user', userId: ID, user: null, removed: 'soft' },
  { ...seen, source: 'request', type: 'user', userId: ID, user, membership, settingsRevision: 2, planId: 'p' },
  { ...seen, source: 'delta', type: 'membership', userId: ID, ...membership },
  { ...seen, source: 'full', type: 'group', groupId: ID, displayName: 'A', groupPath: null },
  { ...seen, source: 'full', type: 'group', groupId: ID, displayName: null, groupPath: [ID] },
  { ...seen, source: 'full', type: 'mfa', userId: ID, row: null },
  { ...seen, source: 'full', type: 'mfa', userId: ID, row },
  { ...seen, source: 'full', type: 'snapshot-end', snapshotId: 's', kind: 'users', partition: 3, rows: 7 },
];
const cloudEvent = {
  ...{ specversion: '1.0', id: `users/${ID}/${ID}/1`, source: `/tenants/${ID}`, subject: ID, time: AT },
  datacontenttype: 'application/json',
};
const stored = { tenantId: ID, revision: 1, observedAt: AT, changedAt: AT };
const userDocument = { ...user, ...stored, status: 'active', ssoEnabled: true, inGroup: true, groupPath: [ID] };
const way = { source: 'notification', eventTime: AT, receivedAt: AT, takenAt: AT, readAt: AT };

/** Of each topic its schema, and one message of each shape that it may hold. */
const ON_TOPIC: Record<TopicRole, { schema: Parameters<typeof decodeEvent>[0]; messages: readonly object[] }> = {
  notifications: {
    schema: notificationEvent,
    messages: [
      { ...whose, subscriptionId: ID, entity: 'user', entityId: ID, changeType: 'updated', receivedAt: AT },
      {
        ...{ ...whose, subscriptionId: ID, entity: 'group', entityId: ID, changeType: 'deleted' },
        ...{ receivedAt: AT, eventTime: AT },
      },
      { ...whose, subscriptionId: ID, entity: 'canary', entityId: '3', changeType: 'updated', receivedAt: AT },
    ],
  },
  lifecycle: {
    schema: lifecycleEvent,
    messages: [{ ...whose, subscriptionId: ID, lifecycleEvent: 'missed', receivedAt: AT }],
  },
  observations: { schema: observation, messages: observations },
  sweeps: { schema: observation, messages: observations },
  requests: {
    schema: syncRequest,
    messages: [
      { ...whose, type: 'sweep', reason: 'because', requestedBy: 'key x', requestedAt: AT },
      { ...whose, type: 'users', reason: 'because', requestedBy: 'key x', requestedAt: AT },
      { ...whose, type: 'plan', planId: 'p', allowed: true, requestedBy: 'key x', requestedAt: AT },
      {
        ...{ ...whose, type: 'plan', planId: 'p', allowed: false, requestedBy: 'key x', requestedAt: AT },
        ...{ userIds: [ID], seenAt: AT },
      },
      { ...whose, type: 'person', userId: ID, requestedBy: 'key x', requestedAt: AT },
    ],
  },
  changes: {
    schema: directoryChange,
    messages: [
      {
        ...{ ...cloudEvent, type: 'muster.user.deleted' },
        data: { revision: 1, changed: [], document: { ...userDocument, status: 'deleted', ssoEnabled: false } },
      },
      {
        ...{ ...cloudEvent, type: 'muster.user.updated' },
        data: { revision: 1, changed: ['mail'], way, document: userDocument },
      },
      {
        ...{ ...cloudEvent, type: 'muster.mfa.changed' },
        data: { revision: 1, changed: ['state'], document: { ...row, ...stored, state: 'capable', stale: false } },
      },
    ],
  },
  deadLetters: {
    schema: deadLetter,
    messages: [
      {
        ...{ version: 1, origin: { topic: 't', partition: 0, offset: '1', key: null } },
        ...{ reason: { code: 'c', message: 'm' }, value: null, at: AT },
      },
      {
        ...{ version: 1, origin: { topic: 't', partition: 7, offset: '1', key: 'k' } },
        ...{ reason: { code: 'c', message: 'm' }, value: 'aGk=', cutFrom: 700_000, at: AT },
      },
    ],
  },
};

const nearInstant = fc.stringMatching(
  /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(\.\d{1,12})?(Z|[+-][0-2]\d:[0-5]\d)$/,
);
const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  nearInstant,
  fc.constantFrom(1e308, -0, '', '__proto__', 'x'.repeat(5_000)),
);
/** One value somewhere within is anything else, at any depth: most fields of a document lie deep. */
const spoilWithin = (value: unknown): fc.Arbitrary<unknown> => {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return anyJson;
  const fields = value as Readonly<Record<string, unknown>>;
  const spoilt = fc
    .constantFrom(...Object.keys(fields))
    .chain((name) => spoilWithin(fields[name]).map((other) => ({ ...fields, [name]: other })));
  return Array.isArray(value) ? spoilt.map((entries) => Object.values(entries)) : spoilt;
};
/** A good message of which some fields are gone or anything else. */
const toNearMessage = (messages: readonly object[]) =>
  fc.constantFrom(...messages).chain((message) =>
    fc
      .tuple(
        fc.dictionary(fc.constantFrom(...Object.keys(message), '__proto__', 'extra'), anyJson, { maxKeys: 4 }),
        fc.subarray(Object.keys(message), { maxLength: 2 }),
      )
      .map(([spoilt, gone]) => {
        const entries = Object.entries({ ...message, ...spoilt }).filter(([name]) => !gone.includes(name));
        return Buffer.from(JSON.stringify(Object.fromEntries(entries)));
      }),
  );
const bytes = fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some));
const deep = fc.integer({ min: 1, max: 50_000 }).map((depth) => Buffer.from('[{"a":'.repeat(depth)));

/** What tells the shapes of a topic apart: its type, and which of the fields that may be null or absent are there. */
const toShapes = (messages: readonly object[], name: string): Set<unknown> =>
  new Set(messages.map((message) => (message as Readonly<Record<string, unknown>>)[name]));

describe('what may lie on a topic', () => {
  it('every type of observation, request and change has a message here, with its data and without', () => {
    for (const { options } of [observation, syncRequest])
      for (const { shape } of options) {
        const messages = options === observation.options ? observations : ON_TOPIC.requests.messages;
        const types = 'values' in shape.type ? [...shape.type.values] : shape.type.options;
        assert.ok(
          types.some((type) => toShapes(messages, 'type').has(type)),
          types.join(),
        );
      }
    assert.ok(toShapes(ON_TOPIC.changes.messages, 'type').has('muster.mfa.changed'));
    for (const name of ['user', 'row'])
      assert.deepEqual([...toShapes(observations, name)].filter((one) => one !== undefined).length, 2, name);
  });

  it('notifications: a canary names one of the partitions', () => {
    const [message] = ON_TOPIC.notifications.messages;
    const read = (entityId: string) =>
      decodeEvent(notificationEvent, Buffer.from(JSON.stringify({ ...message, entity: 'canary', entityId })));
    assert.ok(!isFailure(read('11')));
    for (const entityId of ['12', '-1', '1e0', '07', ID]) assert.ok(isFailure(read(entityId)), entityId);
  });

  for (const [topic, { schema, messages }] of Object.entries(ON_TOPIC)) {
    it(`${topic}: each shape is read`, () => {
      for (const message of messages) {
        const decoded = decodeEvent(schema, Buffer.from(JSON.stringify(message)));
        assert.ok(!isFailure(decoded), isFailure(decoded) ? decoded.message : '');
      }
    });

    it(`${topic}: anything else is a failure that is not tried again, never an exception`, function () {
      this.timeout(fuzzTimeout(20_000));
      const value = fc.oneof(
        { weight: 5, arbitrary: toNearMessage(messages) },
        {
          weight: 5,
          arbitrary: fc
            .constantFrom(...messages)
            .chain(spoilWithin)
            .map((one) => Buffer.from(JSON.stringify(one))),
        },
        anyJson.map((json) => Buffer.from(JSON.stringify(json))),
        bytes,
        deep,
        fc.constant(null),
      );
      fc.assert(
        fc.property(value, (some) => {
          const decoded = decodeEvent(schema, some);
          if (isFailure(decoded)) {
            assert.equal(decoded.retryable, false);
            return;
          }
          // What was read is written again as it was read.
          const again = decodeEvent(schema, Buffer.from(JSON.stringify(decoded)));
          assert.deepEqual(again, decoded);
        }),
        fuzzRuns(300),
      );
    });
  }
});
