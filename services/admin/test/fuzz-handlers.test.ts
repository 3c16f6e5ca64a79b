import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Response } from 'express';
import { isFailure, TOPICS, type IntegrationSettings, type TopicRole } from '@muster/contracts';
import type { ConsumerOptions, EventLog, IncomingEvent, OutgoingEvent } from '@muster/event-log';
import type { KeptChange, ReplayRecord } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { fuzzRuns, fuzzTimeout, toMfaRow, toUser } from '@muster/test-support';
import fc from 'fast-check';
import { keepHistoryPart } from '../src/history/keep-history.js';
import { Problem } from '../src/http/problem.js';
import type { Principal } from '../src/keys/principal.js';
import { deadLetterRoutes } from '../src/status/dead-letter-routes.js';
import { followChangesPart } from '../src/stream/follow-changes.js';
import { createStreamHub } from '../src/stream/stream-hub.js';

const id = (last: number): string => `20000000-0000-4000-8000-00000000000${last}`;
const [OWN, OTHER, STRANGER, ADA, BERT] = [id(1), id(2), id(3), id(4), id(5)] as const;
const NOW = new Date('2026-01-01T10:00:00.000Z');
const AT = NOW.toISOString();
const SECRET = 'abc~never-shown';
const logger = createLogger({ service: 'fuzz', level: 'silent' });
const nothing = (): Promise<void> => Promise.resolve();

const text = fc.oneof(
  fc.constantFrom('', '\u0000', '__proto__', '$set', 'x'.repeat(3_000)),
  fc.string({ unit: 'binary' }),
);
const time = fc.constantFrom(AT, '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-01-01T10:00:00+14:00');
const tenantId = fc.constantFrom(OWN, OWN, OTHER, STRANGER);
const revision = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
/** Names that a document has, and such as no document has but each object. */
const changed = fc.array(
  fc.oneof(fc.constantFrom('mail', 'state', 'constructor', '__proto__', 'toString', '$where', 'a.b', 'a\u0000b'), text),
  { maxLength: 4 },
);
const stored = { tenantId, revision, observedAt: time, changedAt: time, userId: fc.constantFrom(ADA, BERT) };
const userDocument = fc
  .record({ ...stored, mail: fc.option(text), ssoEnabled: fc.boolean(), inGroup: fc.boolean() })
  .map((fields) => ({ ...toUser({ userId: ADA }), status: 'active', groupPath: [], ...fields }));
const mfaDocument = fc
  .record({ ...stored, stale: fc.boolean(), state: fc.constantFrom('capable', 'unknown') })
  .map((fields) => ({ ...toMfaRow(ADA, {}), ...fields }));
const way = fc.option(fc.record({ source: fc.constant('delta'), takenAt: time, readAt: time }), { nil: undefined });
const envelope = {
  ...{ specversion: fc.constant('1.0'), id: text, source: text, subject: text, time },
  datacontenttype: fc.constant('application/json'),
};
const change: fc.Arbitrary<object> = fc.oneof(
  fc.record({
    ...{ ...envelope, type: fc.constantFrom('muster.user.updated', 'muster.user.deleted') },
    data: fc.record({ revision, changed, way, document: userDocument }),
  }),
  fc.record({
    ...{ ...envelope, type: fc.constant('muster.mfa.changed') },
    data: fc.record({ revision, changed, way, document: mfaDocument }),
  }),
);
/** Behind all the others. */
const good = {
  ...{ specversion: '1.0', id: 'the-last', source: 's', subject: ADA, time: AT, datacontenttype: 'application/json' },
  type: 'muster.user.updated',
  data: {
    ...{ revision: 7, changed: ['mail'] },
    document: {
      ...{ ...toUser({ userId: ADA }), mail: 'last@b.example', status: 'active', groupPath: [], tenantId: OWN },
      ...{ revision: 7, observedAt: AT, changedAt: AT, ssoEnabled: true, inGroup: false },
    },
  },
};
const spoil = (whole: fc.Arbitrary<object>): fc.Arbitrary<Buffer | null> =>
  fc.oneof(
    { weight: 6, arbitrary: whole.map((one) => Buffer.from(JSON.stringify(one))) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(whole, fc.dictionary(fc.constantFrom('type', 'time', 'data', 'origin', '__proto__'), fc.jsonValue()))
        .map(([one, fields]) => Buffer.from(JSON.stringify({ ...one, ...fields }))),
    },
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(null),
  );
/** As Kafka gives them: -1 is none, and the greatest is the latest date that there is. */
const timestamp = fc.constantFrom(NOW.getTime(), -1, 8.64e15);
const toEvent = (topic: TopicRole, value: Buffer | null, fields: Partial<IncomingEvent> = {}): IncomingEvent => ({
  ...{ topic, partition: 0, offset: '1', key: null, value, timestamp: NOW.getTime(), ...fields },
});
const events = fc
  .array(fc.record({ value: spoil(change), timestamp }), { maxLength: 6 })
  .map((some) => [
    ...some.map(({ value, timestamp: at }) => toEvent('changes', value, { timestamp: at })),
    toEvent('changes', Buffer.from(JSON.stringify(good))),
  ]);

/** An event log whose consumers only hand out what handles. */
function catchHandle() {
  let options: ConsumerOptions | undefined;
  const consumer = (given: ConsumerOptions) => {
    options = given;
    return { start: nothing, stop: nothing, state: () => ({ status: 'running' }) };
  };
  const handle = (batch: readonly IncomingEvent[]): Promise<void> =>
    options!.handle({
      ...{ topic: 'changes', partition: 0, events: [...batch], highWatermark: '9', heartbeat: nothing },
      isMine: () => true,
    });
  return { eventLog: { consumer } as unknown as EventLog, handle };
}
const onCrash = (error: Error): void => assert.ifError(error);

class Page extends EventEmitter {
  readonly writableLength = 0;
  text = '';
  flushHeaders(): void {
    this.text = '';
  }
  write(part: string): void {
    this.text += part;
  }
  end(part = ''): void {
    this.text += part;
    this.emit('close');
  }
}
const nobody = { actor: 'key x', scopes: [], sessionHash: null, keyHash: null, person: null };

describe('the consumers of changes in admin, whatever lies on their topic', () => {
  it('the history keeps what is a change, as MongoDB can hold it, and skips the rest', async function () {
    this.timeout(fuzzTimeout(20_000));
    await fc.assert(
      fc.asyncProperty(events, async (batch) => {
        const kept: KeptChange[] = [];
        const { eventLog, handle } = catchHandle();
        const changes = { keep: (some: readonly KeptChange[]) => Promise.resolve(void kept.push(...some)) };
        keepHistoryPart({ eventLog, changes, keepFor: 30 * 86_400_000, logger, onCrash });
        await handle(batch);
        for (const one of kept) {
          assert.ok([OWN, OTHER, STRANGER].includes(one.tenantId));
          assert.deepEqual(JSON.parse(JSON.stringify(one)), one, 'data only, all of it');
          // BSON refuses such names.
          for (const name of Object.keys(one.changed)) assert.match(name, /^[A-Za-z]+$/);
          assert.ok(!Number.isNaN(new Date(one.keepUntil).getTime()));
        }
        assert.deepEqual([kept.at(-1)?.id, kept.at(-1)?.changed], ['the-last', { mail: 'last@b.example' }]);
      }),
      fuzzRuns(200),
    );
  });

  it('pages are told of their own tenant only, sessions end for its people only, and the last change is told', async function () {
    this.timeout(fuzzTimeout(20_000));
    await fc.assert(
      fc.asyncProperty(events, async (batch) => {
        const streams = createStreamHub({
          integrations: {
            all: () =>
              Promise.resolve(
                [OWN, OTHER].map((one) => ({
                  ...{ integrationId: `of-${one}`, tenantId: one, state: 'active', revision: 1 },
                })) as IntegrationSettings[],
              ),
          },
          now: () => NOW,
        });
        try {
          const open = (principal: Principal): Page => {
            const page = new Page();
            void streams.open(page as unknown as Response, principal, () => Promise.resolve(true));
            return page;
          };
          const own = open({ ...nobody, role: 'tenant-admin', integrationId: `of-${OWN}` });
          const person = { tenantId: STRANGER, userId: BERT };
          const theirs = open({ ...nobody, role: 'member', integrationId: `of-${OTHER}`, person });
          const ended: string[] = [];
          const { eventLog, handle } = catchHandle();
          const sessions = {
            removePerson: (tenant: string, userId: string) => Promise.resolve(ended.push(`${tenant}/${userId}`)),
          };
          followChangesPart({ eventLog, sessions, streams, logger, onCrash });
          await handle(batch);
          for (const another of [OTHER, STRANGER]) assert.ok(!own.text.includes(`of-${another}`), own.text);
          assert.ok(own.text.includes('"revision":7') || own.text.includes('the-last'), own.text);
          const isLeft = ended.includes(`${STRANGER}/${BERT}`);
          assert.equal(theirs.text.includes('event: cut'), isLeft);
          assert.ok(!theirs.text.includes('event: change'), 'who only may enter is told of nobody');
          const left = batch
            .map(({ value }) => value?.toString() ?? '')
            .filter((one) => /"ssoEnabled":false/.test(one));
          if (left.length === 0) assert.deepEqual(ended, []);
        } finally {
          streams.close();
        }
      }),
      fuzzRuns(200),
    );
  });
});

const topic = fc.oneof(fc.constantFrom(...Object.values(TOPICS).map(({ name }) => name)), text);
const base64 = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.jsonValue().map((value) => Buffer.from(JSON.stringify({ value, deep: [{ clientSecret: SECRET }] }))),
);
const letter: fc.Arbitrary<object> = fc.record(
  {
    ...{ version: fc.constant(1), reason: fc.record({ code: text, message: text }), at: time },
    origin: fc.record({
      topic,
      partition: fc.oneof(fc.nat({ max: 15 }), fc.nat()),
      offset: text,
      key: fc.option(text),
    }),
    ...{ value: fc.option(base64.map((bytes) => bytes.toString('base64'))), cutFrom: fc.integer({ min: 1, max: 9 }) },
  },
  { requiredKeys: ['version', 'reason', 'at', 'origin', 'value'] },
);

describe('the dead letters in admin, whatever lies on their topic', () => {
  it('each is shown without its secrets, and sent again as it was or refused as a problem', async function () {
    this.timeout(fuzzTimeout(20_000));
    await fc.assert(
      fc.asyncProperty(spoil(letter), timestamp, async (value, at) => {
        const event = toEvent('deadLetters', value, { offset: '5', timestamp: at });
        const sent: OutgoingEvent[] = [];
        const replays: ReplayRecord[] = [];
        const [list, replay] = deadLetterRoutes({
          eventLog: { readNewest: () => Promise.resolve([event]) },
          publisher: { publish: (some) => Promise.resolve(void sent.push(...some)) },
          store: {
            replays: {
              of: () => Promise.resolve(replays),
              add: (one: Omit<ReplayRecord, 'times'>) => Promise.resolve(void replays.push({ ...one, times: 1 })),
            } as never,
          },
          now: () => NOW,
        });
        const principal: Principal = { ...nobody, role: 'operator', integrationId: null };
        const toInput = (input: object) =>
          ({ principal, ifMatch: null, params: {}, query: {}, body: {}, ...input }) as never;
        const shown = await list!.handle(toInput({ query: { limit: 20 } }));
        const page = list!.answer.schema.parse(shown.body);
        assert.ok(!JSON.stringify(page).includes(SECRET), 'a secret is shown');
        try {
          await replay!.handle(toInput({ params: { partition: 0, offset: '5' } }));
        } catch (error) {
          assert.ok(error instanceof Problem || (isFailure(error) && error.retryable), String(error));
          assert.deepEqual([sent, replays], [[], []]);
          return;
        }
        const { origin, value: held } = JSON.parse(value!.toString()) as {
          origin: { topic: string; partition: number; key: string | null };
          value: string | null;
        };
        const [{ topic: role, key, partition = 0, value: bytes }] = sent as [OutgoingEvent];
        assert.deepEqual([sent.length, replays.length, TOPICS[role].name, key], [1, 1, origin.topic, origin.key]);
        assert.ok(partition < TOPICS[role].partitions, `partition ${partition}`);
        assert.deepEqual(bytes, held === null ? null : Buffer.from(held, 'base64'));
      }),
      fuzzRuns(300),
    );
  });
});
