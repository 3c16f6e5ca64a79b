// R5, R7, R11: notification → (Graph's time) → `$in` read → guarded bulkWrite → produce → clear → commit, at full speed.
// A write is answered once it is on the disk, as mongod does by itself for `majority`, and sets what is another value now. TOLD=1: the
// floor of a change that is told: words to search by and the time that finds what is not told yet, both of which Muster's indexes hold.
import { quietRequestQueue } from '@muster/event-log';
import { Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';

type Row = { _id: string; revision: number; observedAt: string; [field: string]: unknown };
const { KAFKA_BROKERS = '', KAFKA_TOPIC_PREFIX: prefix = '', MONGODB_URI = '' } = process.env;
const { GRAPH_DELAY_MS = '0', TOLD = '' } = process.env;
// Of 3 to 12 partitions and 33 to 500 ids this is the fastest on both servers.
const [IDS_AT_ONCE, PARTITIONS_AT_ONCE] = [33, 12];
// A timer each millisecond is kafkajs's, not this loop's work: it would flatter whoever is measured beside it.
quietRequestQueue();
const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), clientId: 'raw', logLevel: logLevel.ERROR });
const connection = await mongoose.createConnection(MONGODB_URI).asPromise();
const users = connection.collection<Row>('users');
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
const consumer = kafka.consumer({ groupId: `${prefix}muster.projector`, maxWaitTimeInMs: 100 });

const chunks = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / IDS_AT_ONCE) }, (_, at) =>
    all.slice(at * IDS_AT_ONCE, (at + 1) * IDS_AT_ONCE),
  );

/** Two at once. */
async function read(ids: readonly string[]): Promise<Row[]> {
  const found: Row[] = [];
  const left = chunks(ids);
  const some = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift())
      found.push(...(await users.find({ _id: { $in: next } }).toArray()));
  };
  await Promise.all([some(), some()]);
  return found;
}

const toWords = (text: string): string[] => [text, ...text.split(/[^\p{L}\p{N}]+/u)];
const toTold = ({ displayName, userPrincipalName }: Row): Record<string, unknown> =>
  TOLD
    ? {
        searchTerms: [displayName, userPrincipalName].flatMap((text) => toWords(String(text))),
        pendingAt: new Date().toISOString(),
      }
    : {};

async function project(values: readonly Buffer[]): Promise<void> {
  const named = values.map((value) => JSON.parse(value.toString()) as { tenantId: string; entityId: string });
  const ids = [...new Set(named.map(({ tenantId, entityId }) => `${tenantId}/${entityId}`))];
  if (GRAPH_DELAY_MS !== '0') await sleep(Number(GRAPH_DELAY_MS));
  const found = await read(ids);
  const known = new Map(found.map((row) => [row._id, row]));
  const observedAt = new Date().toISOString();
  const written = ids.map((id): Row => {
    const [tenantId, userId] = id.split('/');
    const revision = (known.get(id)?.revision ?? 0) + 1;
    const person = { tenantId, userId, displayName: `Name ${revision}`, userPrincipalName: `${userId}@example.com` };
    return { _id: id, revision, observedAt, ...person, mail: null, department: null, status: 'active', inGroup: true };
  });
  const toUpdate = (row: Row) => {
    const { _id, revision } = row;
    const before = known.get(_id);
    const waits = { pending: { id: `${_id}/${revision}`, at: observedAt }, ...toTold(row) };
    if (!before) return { insertOne: { document: { ...row, ...waits } } };
    const others = Object.fromEntries(Object.entries(row).filter(([field, value]) => value !== before[field]));
    const filter = { _id, revision: revision - 1, observedAt: { $lte: observedAt } };
    return { updateOne: { filter, update: { $set: { ...others, ...waits } } } };
  };
  await users.bulkWrite(written.map(toUpdate), { ordered: false, writeConcern: { journal: true } });
  const messages = written.map((row) => ({ key: row._id, value: JSON.stringify(row) }));
  await producer.send({ topic: `${prefix}directory.changes`, acks: -1, messages });
  const revisions = [...new Set(written.map(({ revision }) => revision))];
  const toClear = revisions.flatMap((revision) =>
    chunks(written.filter((row) => row.revision === revision)).map((some) => ({
      updateMany: {
        filter: { _id: { $in: some.map(({ _id }) => _id) }, revision },
        update: { $unset: { pending: '', ...(TOLD && { pendingAt: '' }) } },
      },
    })),
  );
  await users.bulkWrite(toClear as never, { ordered: false });
}

process.once('SIGTERM', () => void consumer.disconnect().finally(() => process.exit(0)));
await Promise.all([producer.connect(), consumer.connect()]);
await consumer.subscribe({ topics: [`${prefix}graph.notifications`], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
  eachBatch: async (payload) => {
    const { batch } = payload;
    for (let from = 0; from < batch.messages.length; from += 500) {
      const chunk = batch.messages.slice(from, from + 500);
      await project(chunk.flatMap(({ value }) => value ?? []));
      payload.resolveOffset(chunk.at(-1)?.offset ?? '0');
      const offset = (BigInt(chunk.at(-1)?.offset ?? 0) + 1n).toString();
      await payload.commitOffsetsIfNecessary({
        topics: [{ topic: batch.topic, partitions: [{ partition: batch.partition, offset }] }],
      });
      await payload.heartbeat();
    }
  },
});
