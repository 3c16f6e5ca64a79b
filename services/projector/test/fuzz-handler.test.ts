import assert from 'node:assert/strict';
import {
  deadLetter,
  directoryChange,
  mfaDocument,
  TOPICS,
  toPersonKey,
  userDocument,
  type MfaDocument,
  type UserDocument,
} from '@muster/contracts';
import type { EventBatch, IncomingEvent, OutgoingEvent } from '@muster/event-log';
import { createLogger, createMetrics } from '@muster/telemetry';
import { fuzzRuns, fuzzTimeout, toMfaRow, toSettings, toUser } from '@muster/test-support';
import fc from 'fast-check';
import { decodeEvent } from '../src/decode-event.js';
import { handleBatch, type ProjectorDependencies } from '../src/handle-batch.js';
import { createProjectorMetrics } from '../src/projector-metrics.js';
import { createTenantTurns } from '../src/tenant-turns.js';
import { createCollection } from './memory-collection.js';

/** Once: each registry watches the process, and goes on to. */
const metrics = createProjectorMetrics(createMetrics({ service: 'fuzz' }));

const [groupId, nested] = ['30000000-0000-4000-8000-000000000000', '30000000-0000-4000-8000-000000000001'];
const id = (last: number): string => `20000000-0000-4000-8000-00000000000${last}`;
const NOW = new Date('2026-01-01T10:05:00.000Z');
const [grouped, open] = [toSettings({ groupId }), toSettings()];
const pair = (whose: { integrationId: string }, { tenantId } = grouped) => ({
  ...{ version: 1, integrationId: whose.integrationId, tenantId },
});
/** Whose a message is; each has people of its own, so that a row tells which message it is from. */
const OWNERS = [
  { weight: 6, whose: pair(grouped), tenantId: grouped.tenantId, people: [id(1), id(2), id(3)] },
  { weight: 3, whose: pair(open, open), tenantId: open.tenantId, people: [id(4), id(5)] },
  // One's integration with the other's tenant, and one that nobody made: nobody's.
  { weight: 1, whose: pair(grouped, open), tenantId: null, people: [id(6)] },
  { weight: 1, whose: pair(open, grouped), tenantId: null, people: [id(7)] },
  { weight: 1, whose: pair(toSettings()), tenantId: null, people: [id(8)] },
] as const;
/** Whom only the good messages behind all others are about. */
const [SEEN, NAMED] = [id(9), '20000000-0000-4000-8000-000000000010'];
const inside = { groupId, inGroup: true, groupPath: [groupId] };

/** Texts that are no names, times of another age, ids of others. */
const text = fc.oneof(
  fc.constantFrom(null, '', '\u0000', '$where', '__proto__', 'x'.repeat(3_000), '\u202egnp.exe', 'Ann'),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const words = text.map((one) => one ?? '');
const soon = fc.nat({ max: 600 }).map((second) => new Date(NOW.getTime() - 300_000 + second * 1_000).toISOString());
const time = fc.oneof(
  { weight: 8, arbitrary: soon },
  fc.constantFrom('0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2026-01-01T10:00:00+14:00'),
);
type Somebody = fc.Arbitrary<string>;
const odd = fc.constantFrom(groupId, grouped.tenantId, '00000000-0000-0000-0000-000000000000');
const flag = fc.option(fc.boolean());
const path = fc.array(fc.constantFrom(groupId, nested), { maxLength: 3 });
const source = fc.constantFrom('full', 'delta', 'request', 'notification');
const named = { userPrincipalName: text, displayName: text, givenName: text, surname: text, mail: text };
const membership = fc.record({ groupId: fc.option(odd), inGroup: fc.boolean(), groupPath: path });
const user = (userId: string) =>
  fc.record({
    ...{ userId: fc.constant(userId), ...named, jobTitle: text, department: text },
    ...{ accountEnabled: flag, userType: fc.oneof(text, fc.constantFrom('Member', 'Guest')) },
  });
const row = (userId: string) =>
  fc.record({
    ...{ userId: fc.constant(userId), isAdmin: flag, isMfaRegistered: fc.boolean(), isMfaCapable: fc.boolean() },
    ...{ isPasswordlessCapable: fc.boolean(), isSsprRegistered: fc.boolean(), isSsprEnabled: fc.boolean() },
    ...{ isSsprCapable: fc.boolean(), isSystemPreferredAuthenticationMethodEnabled: flag, reportedAt: fc.option(time) },
    ...{ methodsRegistered: fc.array(words), systemPreferredAuthenticationMethods: fc.array(words, { maxLength: 3 }) },
    userPreferredMethodForSecondaryAuthentication: text,
  });

/** What the topics hold, all of it as its schema wants. */
const notification = (somebody: Somebody): fc.Arbitrary<object> =>
  fc.record({
    ...{ subscriptionId: odd, entity: fc.constantFrom('user', 'user', 'group', 'canary') },
    ...{ entityId: fc.oneof({ weight: 3, arbitrary: somebody }, odd), receivedAt: time, eventTime: time },
    changeType: fc.constantFrom('created', 'updated', 'deleted'),
  });
const observation = (somebody: Somebody): fc.Arbitrary<object> =>
  somebody.chain((userId) => {
    const seen = { source, observedAt: time };
    const of = (type: string) => ({ ...seen, type: fc.constant(type), userId: fc.constant(userId) });
    return fc.oneof(
      fc.record({ ...of('user'), user: user(userId), membership }),
      fc.record({ ...of('user'), user: user(userId) }),
      fc.record({ ...of('user'), user: fc.constant(null), removed: fc.constantFrom(undefined, 'soft', 'hard') }),
      fc.record({
        ...of('membership'),
        ...{ groupId: fc.constantFrom(groupId, nested), inGroup: fc.boolean(), groupPath: path },
      }),
      fc.record({ ...seen, type: fc.constant('group'), groupId: odd, displayName: text, groupPath: fc.option(path) }),
      fc.record({ ...of('mfa'), row: fc.option(row(userId)) }),
      fc.record({
        ...{ ...seen, type: fc.constant('snapshot-end'), snapshotId: words, kind: fc.constantFrom('users', 'mfa') },
        ...{ partition: fc.nat(), rows: fc.nat() },
      }),
    );
  });
/** One in nine has fields that are anything, or that nobody knows; one in nine is no JSON, or nothing. */
const spoil = (whole: fc.Arbitrary<object>): fc.Arbitrary<Buffer | null> => {
  const names = fc.constantFrom('version', 'tenantId', 'integrationId', 'observedAt', 'user', '__proto__', '$set');
  const spoilt = fc.tuple(whole, fc.dictionary(names, fc.jsonValue())).map(([one, fields]) => ({ ...one, ...fields }));
  const raw = fc.oneof(
    fc.constantFrom(null, Buffer.alloc(0), Buffer.from('{"version":1'), Buffer.from([0xff, 0x00])),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  );
  return fc.oneof(
    { weight: 7, arbitrary: whole.map(toBytes) },
    { weight: 1, arbitrary: spoilt.map(toBytes) },
    { weight: 1, arbitrary: raw },
  );
};
const toBytes = (message: object): Buffer => Buffer.from(JSON.stringify(message));
const messagesOf = (kind: (somebody: Somebody) => fc.Arbitrary<object>) => {
  const ofOwners = OWNERS.map(({ weight, whose, people }) => ({
    ...{ weight, arbitrary: kind(fc.constantFrom(...people)).map((fields) => ({ ...whose, ...fields })) },
  }));
  return fc.array(spoil(fc.oneof(...ofOwners)), { minLength: 1, maxLength: 6 });
};
const [notifications, observations] = [messagesOf(notification), messagesOf(observation)];
type Topic = EventBatch['topic'];
const ofTopic = (topic: Topic, messages: typeof observations) => messages.map((values) => ({ topic, values }));
const seen = { source: 'delta', observedAt: NOW.toISOString(), userId: SEEN };
const GOOD = {
  observations: [
    { ...pair(grouped), ...seen, type: 'user', user: toUser({ userId: SEEN }), membership: inside },
    { ...pair(grouped), ...seen, type: 'mfa', row: toMfaRow(SEEN) },
  ].map(toBytes),
  notifications: [
    {
      ...{ ...pair(open, open), subscriptionId: nested, entity: 'user', entityId: NAMED },
      ...{ changeType: 'updated', receivedAt: NOW.toISOString() },
    },
  ].map(toBytes),
};
/** Behind all others come good ones, in one batch with whatever is before them. */
const batches = fc
  .tuple(
    fc.array(
      fc.oneof(
        ofTopic('notifications', notifications),
        ofTopic('observations', observations),
        ofTopic('sweeps', observations),
      ),
      { maxLength: 3 },
    ),
    observations,
    notifications,
  )
  .map(([some, lastObserved, lastNamed]) =>
    [
      ...some,
      { topic: 'observations' as const, values: [...lastObserved, ...GOOD.observations] },
      { topic: 'notifications' as const, values: [...lastNamed, ...GOOD.notifications] },
    ].map(({ topic, values }, nth) => toBatch(topic, values, nth)),
  );

function createWorld() {
  const [users, mfa] = [createCollection<UserDocument>(), createCollection<MfaDocument>()];
  const published: OutgoingEvent[] = [];
  const nothing = () => Promise.resolve();
  const dependencies = {
    store: {
      ...{ users: users.port, mfa: mfa.port, groups: { save: nothing, remove: nothing } },
      ...{ snapshots: { projected: nothing }, lag: { add: nothing, heard: nothing, canary: nothing } },
    },
    publisher: { publish: (events: readonly OutgoingEvent[]) => Promise.resolve(void published.push(...events)) },
    integrations: () => Promise.resolve(new Map([grouped, open].map((one) => [one.integrationId, one]))),
    reader: {
      readUsers: (_: unknown, userIds: readonly string[]) =>
        Promise.resolve({
          seen: userIds.map((userId) => ({
            ...{ userId, observedAt: NOW.toISOString(), source: 'notification' },
            ...{ user: toUser({ userId }), membership: inside },
          })),
          ...{ gone: [], unread: [], failure: null, late: null },
        }),
      readMfa: () => Promise.resolve([]),
    },
    gate: () => Promise.resolve(new Set<string>()),
    left: { isTooMuch: () => false, took: () => undefined, leave: nothing },
    sweeps: { request: nothing, settle: () => undefined },
    turns: createTenantTurns(3),
    metrics,
    logger: createLogger({ service: 'fuzz', level: 'silent' }),
    now: () => NOW,
  } as unknown as ProjectorDependencies;
  return { users, mfa, published, dependencies };
}

function toBatch(topic: Topic, values: readonly (Buffer | null)[], partition: number): EventBatch {
  const events = values.map((value, index) => ({
    ...{ topic, partition, offset: String(index), key: 'key', value, timestamp: NOW.getTime() },
  }));
  const highWatermark = String(values.length);
  return { topic, partition, events, highWatermark, heartbeat: () => Promise.resolve(), isMine: () => true };
}

function isJson(value: Buffer): boolean {
  try {
    JSON.parse(value.toString());
    return true;
  } catch {
    return false;
  }
}

/** Of what can be no message, and of what the decoder refuses: where it came from, its reason and its bytes. */
function toPoison(event: IncomingEvent): unknown[] {
  const { topic, partition, offset, value } = event;
  const decoded = decodeEvent(event);
  const refused = decoded.kind === 'poison' ? decoded.reason.code : null;
  const code = value === null ? 'event.empty' : isJson(value) ? refused : 'event.not-json';
  const { name } = TOPICS[topic];
  return code === null ? [] : [[name, partition, offset, code, value && value.toString('base64')]];
}

describe('the handler of the projector, whatever comes', () => {
  it('handles each event or puts it aside, and what it writes and tells is a document and a change as documented', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (all) => {
        const { users, mfa, published, dependencies } = createWorld();
        for (const batch of all) await handleBatch(batch, dependencies);
        const told = (name: OutgoingEvent['topic']) =>
          published.flatMap((one) => (one.topic === name ? [one.value] : []));
        const letters = told('deadLetters').map((letter) => deadLetter.parse(letter));
        assert.deepEqual(
          letters.map(({ origin, reason, value }) => [
            ...[origin.topic, origin.partition, origin.offset, reason.code, value],
          ]),
          all.flatMap(({ events }) => events.flatMap(toPoison)),
        );
        for (const { document, pending } of users.rows.values())
          assert.deepEqual([userDocument.parse(document), pending], [document, null]);
        for (const { document, pending } of mfa.rows.values())
          assert.deepEqual([mfaDocument.parse(document), pending], [document, null]);
        const changes = told('changes').map((change) => directoryChange.parse(change));
        assert.deepEqual(changes, told('changes'));
        const ids = [...users.rows.keys(), ...mfa.rows.keys(), ...changes.map(({ data }) => toKey(data.document))];
        for (const { tenantId, people } of OWNERS)
          for (const userId of people)
            assert.deepEqual(
              ids.filter((one) => one.endsWith(userId) && one !== toPersonKey(String(tenantId), userId)),
              [],
              'a row of another tenant',
            );
        const [seenKey, namedKey] = [toPersonKey(grouped.tenantId, SEEN), toPersonKey(open.tenantId, NAMED)];
        assert.equal(users.rows.get(seenKey)?.document.status, 'active');
        assert.equal(users.rows.get(namedKey)?.document.status, 'active');
        assert.equal(mfa.rows.get(seenKey)?.document.isMfaRegistered, true);
        const ofGood = changes.filter(({ data }) => [seenKey, namedKey].includes(toKey(data.document)));
        assert.deepEqual(
          ofGood.map(({ type, subject }) => [type, subject]),
          [
            ['muster.user.created', SEEN],
            ['muster.mfa.changed', SEEN],
            ['muster.user.created', NAMED],
          ],
        );
        assert.deepEqual(Object.keys(Object.prototype), []);
      }),
      fuzzRuns(300),
    );
  }).timeout(fuzzTimeout(60_000));
});

const toKey = ({ tenantId, userId }: { tenantId: string; userId: string }): string => toPersonKey(tenantId, userId);
