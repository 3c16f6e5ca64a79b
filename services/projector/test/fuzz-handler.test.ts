import assert from 'node:assert/strict';
import { directoryChange, mfaDocument, userDocument, type MfaDocument, type UserDocument } from '@muster/contracts';
import type { EventBatch, OutgoingEvent } from '@muster/event-log';
import type { GuardedWrite, Stored } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { fuzzRuns, fuzzTimeout, toSettings, toUser } from '@muster/test-support';
import fc from 'fast-check';
import { decodeEvent } from '../src/decode-event.js';
import { handleBatch, type ProjectorDependencies } from '../src/handle-batch.js';
import { createProjectorMetrics } from '../src/projector-metrics.js';
import { createTenantTurns } from '../src/tenant-turns.js';

/** Once: each registry watches the process, and goes on to. */
const metrics = createProjectorMetrics(createMetrics({ service: 'fuzz' }));

const groupId = '30000000-0000-4000-8000-000000000000';
const id = (last: number): string => `20000000-0000-4000-8000-00000000000${last}`;
const NOW = new Date('2026-01-01T10:05:00.000Z');
const settings = toSettings({ groupId });
const whose = { version: 1, integrationId: settings.integrationId, tenantId: settings.tenantId };
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
const somebody = fc.constantFrom(id(1), id(2), id(3));
const anyId = fc.oneof(somebody, fc.constantFrom(groupId, settings.tenantId, '00000000-0000-0000-0000-000000000000'));
const flag = fc.option(fc.boolean());
const path = fc.array(fc.constantFrom(groupId, id(4)), { maxLength: 3 });
const source = fc.constantFrom('full', 'delta', 'request', 'notification');
const named = { userPrincipalName: text, displayName: text, givenName: text, surname: text, mail: text };
const membership = fc.record({ groupId: fc.option(anyId), inGroup: fc.boolean(), groupPath: path });
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
const notification: fc.Arbitrary<object> = fc.record({
  ...{ subscriptionId: anyId, entity: fc.constantFrom('user', 'user', 'group', 'canary'), entityId: anyId },
  ...{ changeType: fc.constantFrom('created', 'updated', 'deleted'), receivedAt: time, eventTime: time },
});
const observation: fc.Arbitrary<object> = somebody.chain((userId) => {
  const seen = { source, observedAt: time };
  const of = (type: string) => ({ ...seen, type: fc.constant(type), userId: fc.constant(userId) });
  return fc.oneof(
    fc.record({ ...of('user'), user: user(userId), membership }),
    fc.record({ ...of('user'), user: user(userId) }),
    fc.record({ ...of('user'), user: fc.constant(null), removed: fc.constantFrom(undefined, 'soft', 'hard') }),
    fc.record({
      ...of('membership'),
      ...{ groupId: fc.constantFrom(groupId, id(4)), inGroup: fc.boolean(), groupPath: path },
    }),
    fc.record({ ...seen, type: fc.constant('group'), groupId: anyId, displayName: text, groupPath: fc.option(path) }),
    fc.record({ ...of('mfa'), row: fc.option(row(userId)) }),
    fc.record({
      ...{ ...seen, type: fc.constant('snapshot-end'), snapshotId: words, kind: fc.constantFrom('users', 'mfa') },
      ...{ partition: fc.nat(), rows: fc.nat() },
    }),
  );
});
/** One in seven has fields that are anything, or that nobody knows. */
const spoil = (whole: fc.Arbitrary<object>): fc.Arbitrary<string> => {
  const names = fc.constantFrom('version', 'observedAt', 'receivedAt', 'user', '__proto__', '$set');
  const spoilt = fc.tuple(whole, fc.dictionary(names, fc.jsonValue())).map(([one, fields]) => ({ ...one, ...fields }));
  return fc
    .oneof({ weight: 6, arbitrary: whole }, { weight: 1, arbitrary: spoilt })
    .map((fields) => JSON.stringify({ ...whose, ...fields }));
};
const batchOf = (topic: EventBatch['topic'], message: fc.Arbitrary<object>): fc.Arbitrary<EventBatch> =>
  fc.array(spoil(message), { minLength: 1, maxLength: 6 }).map((messages) => toBatch(topic, messages));
const batches = fc.array(
  fc.oneof(
    batchOf('notifications', notification),
    batchOf('observations', observation),
    batchOf('sweeps', observation),
  ),
  { minLength: 1, maxLength: 4 },
);

type Row<T> = Stored<T>;

/** Documents in memory, under the guard of the real ones. */
function createCollection<T extends { revision: number; observedAt: string }>() {
  const rows = new Map<string, Row<T>>();
  let version = 0;
  const write = (one: GuardedWrite<T>): boolean => {
    const known = rows.get(one.id);
    version += 1;
    if (one.kind === 'insert') {
      if (known) return false;
      rows.set(one.id, { ...one, facts: one.facts ?? null, version: String(version) });
      return true;
    }
    if (!known || known.document.revision !== one.base.revision || known.version !== one.base.version) return false;
    const facts = one.facts ?? known.facts;
    const changed =
      one.kind === 'update' ? one : { document: { ...known.document, observedAt: one.observedAt }, pending: null };
    rows.set(one.id, { document: changed.document, pending: changed.pending, facts, version: String(version) });
    return true;
  };
  return {
    rows,
    port: {
      load: (ids: readonly string[]) =>
        Promise.resolve(new Map(ids.flatMap((one) => (rows.has(one) ? [[one, rows.get(one)!] as const] : [])))),
      write: (writes: readonly GuardedWrite<T>[]) =>
        Promise.resolve({ refused: writes.flatMap((one) => (write(one) ? [] : [one.id])) }),
      published: (changes: readonly { id: string; revision: number }[]) => {
        for (const { id: key } of changes) rows.set(key, { ...rows.get(key)!, pending: null });
        return Promise.resolve();
      },
      lastTold: () => Promise.resolve(new Map()),
    },
  };
}

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
    integrations: () => Promise.resolve(new Map([[settings.integrationId, settings]])),
    reader: {
      readUsers: (_: unknown, userIds: readonly string[]) =>
        Promise.resolve({
          seen: userIds.map((userId) => ({
            ...{ userId, observedAt: NOW.toISOString(), source: 'notification' },
            ...{ user: toUser({ userId }), membership: inside },
          })),
          ...{ gone: [], unread: [], failure: null },
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

const toBatch = (topic: EventBatch['topic'], messages: readonly string[]): EventBatch => ({
  ...{
    topic,
    partition: 0,
    highWatermark: String(messages.length),
    heartbeat: () => Promise.resolve(),
    isMine: () => true,
  },
  events: messages.map((value, index) => ({
    ...{ topic, partition: 0, offset: String(index), key: 'key', value: Buffer.from(value), timestamp: NOW.getTime() },
  })),
});

describe('the handler of the projector, whatever decodes', () => {
  it('handles each event or puts it aside, and what it writes and tells is a document and a change as documented', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (all) => {
        const { users, mfa, published, dependencies } = createWorld();
        for (const batch of all) await handleBatch(batch, dependencies);
        const poison = all.flatMap(({ events }) => events).filter((event) => decodeEvent(event).kind === 'poison');
        assert.equal(published.filter(({ topic }) => topic === 'deadLetters').length, poison.length);
        for (const { document, pending } of users.rows.values())
          assert.deepEqual([userDocument.parse(document), pending], [document, null]);
        for (const { document, pending } of mfa.rows.values())
          assert.deepEqual([mfaDocument.parse(document), pending], [document, null]);
        const changes = published.flatMap(({ topic, value }) => (topic === 'changes' ? [value] : []));
        for (const change of changes) assert.deepEqual(directoryChange.parse(change), change);
        assert.deepEqual(Object.keys(Object.prototype), []);
      }),
      fuzzRuns(300),
    );
  }).timeout(fuzzTimeout(60_000));
});
