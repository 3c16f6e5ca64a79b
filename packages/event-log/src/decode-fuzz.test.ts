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

/** Of each topic its schema, and one message of each shape that it may hold. */
const ON_TOPIC: Record<TopicRole, { schema: Parameters<typeof decodeEvent>[0]; messages: readonly object[] }> = {
  notifications: {
    schema: notificationEvent,
    messages: [{ ...whose, subscriptionId: ID, entity: 'user', entityId: ID, changeType: 'updated', receivedAt: AT }],
  },
  lifecycle: {
    schema: lifecycleEvent,
    messages: [{ ...whose, subscriptionId: ID, lifecycleEvent: 'missed', receivedAt: AT }],
  },
  observations: {
    schema: observation,
    messages: [
      { ...whose, source: 'full', observedAt: AT, type: 'user', userId: ID, user: null, removed: 'soft' },
      { ...whose, source: 'full', observedAt: AT, type: 'group', groupId: ID, displayName: 'A', groupPath: null },
      { ...whose, source: 'full', observedAt: AT, type: 'mfa', userId: ID, row: null },
      {
        ...{ ...whose, source: 'full', observedAt: AT, type: 'snapshot-end' },
        ...{ snapshotId: 's', kind: 'users', partition: 3, rows: 7 },
      },
    ],
  },
  sweeps: {
    schema: observation,
    messages: [
      { ...whose, source: 'delta', observedAt: AT, type: 'user', userId: ID, user: null, removed: 'soft' },
      {
        ...{ ...whose, source: 'delta', observedAt: AT, type: 'membership' },
        ...{ userId: ID, groupId: ID, inGroup: true, groupPath: [ID] },
      },
      { ...whose, source: 'request', observedAt: AT, type: 'mfa', userId: ID, row: null },
    ],
  },
  requests: {
    schema: syncRequest,
    messages: [
      { ...whose, type: 'sweep', reason: 'because', requestedBy: 'key x', requestedAt: AT },
      { ...whose, type: 'plan', planId: 'p', allowed: true, requestedBy: 'key x', requestedAt: AT },
      { ...whose, type: 'person', userId: ID, requestedBy: 'key x', requestedAt: AT },
    ],
  },
  changes: {
    schema: directoryChange,
    messages: [
      {
        ...{ specversion: '1.0', id: `users/${ID}/${ID}/1`, source: `/tenants/${ID}`, subject: ID, time: AT },
        ...{ datacontenttype: 'application/json', type: 'muster.user.deleted' },
        data: {
          revision: 1,
          changed: [],
          document: {
            ...{ userId: ID, tenantId: ID, userPrincipalName: null, displayName: null, givenName: null, surname: null },
            ...{ mail: null, jobTitle: null, department: null, accountEnabled: null, userType: null },
            ...{ status: 'deleted', ssoEnabled: false, inGroup: false, groupPath: [] },
            ...{ revision: 1, observedAt: AT, changedAt: AT },
          },
        },
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

describe('what may lie on a topic', () => {
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
