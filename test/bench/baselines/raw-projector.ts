// R5, R7, R11: notification → (Graph's time) → `$in` read → guarded bulkWrite → produce → clear → commit, at full speed.
// A write is answered once it is on the disk, as mongod does by itself for `majority`; with UNSAFE=1 before.
import { Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';

type Row = { _id: string; revision: number; observedAt: string; [field: string]: unknown };
const { KAFKA_BROKERS = '', KAFKA_TOPIC_PREFIX: prefix = '', MONGODB_URI = '' } = process.env;
const { GRAPH_DELAY_MS = '0', UNSAFE = '' } = process.env;
const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), clientId: 'raw', logLevel: logLevel.ERROR });
const connection = await mongoose.createConnection(MONGODB_URI).asPromise();
const users = connection.collection<Row>('users');
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
const consumer = kafka.consumer({ groupId: `${prefix}muster.projector`, maxWaitTimeInMs: 100 });

/** By 33, two at once: what this database does fastest. */
async function read(ids: readonly string[]): Promise<Row[]> {
  const found: Row[] = [];
  for (let from = 0; from < ids.length; from += 66) {
    const parts = [ids.slice(from, from + 33), ids.slice(from + 33, from + 66)];
    found.push(...(await Promise.all(parts.map((some) => users.find({ _id: { $in: some } }).toArray()))).flat());
  }
  return found;
}

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
    const person = { tenantId, userId, displayName: `Name ${revision}`, userPrincipalName: `${id}@example.com` };
    return { _id: id, revision, observedAt, ...person, mail: null, department: null, status: 'active', inGroup: true };
  });
  const toUpdate = ({ _id, ...fields }: Row) =>
    known.has(_id)
      ? {
          updateOne: {
            filter: { _id, revision: fields.revision - 1, observedAt: { $lte: observedAt } },
            update: { $set: { ...fields, pending: fields } },
          },
        }
      : { insertOne: { document: { _id, ...fields, pending: fields } } };
  await users.bulkWrite(written.map(toUpdate), { ordered: false, writeConcern: { journal: UNSAFE === '' } });
  const messages = written.map((row) => ({ key: row._id, value: JSON.stringify(row) }));
  await producer.send({ topic: `${prefix}directory.changes`, acks: -1, messages });
  const toClear = ({ _id, revision }: Row) => ({
    updateOne: { filter: { _id, revision }, update: { $unset: { pending: '' } } },
  });
  await users.bulkWrite(written.map(toClear) as never, { ordered: false });
}

process.once('SIGTERM', () => void consumer.disconnect().finally(() => process.exit(0)));
await Promise.all([producer.connect(), consumer.connect()]);
await consumer.subscribe({ topics: [`${prefix}graph.notifications`], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  partitionsConsumedConcurrently: 12,
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
