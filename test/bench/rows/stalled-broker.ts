import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { openLoop } from '../load/load.js';
import { createSender } from '../load/notifications.js';
import { NotHere, round, type Context, type Measured } from '../row.js';
import { percentile } from '../statistics.js';
import { startReceiver } from './receiver.js';

const ANSWER_LIMIT_MS = 2_500;
/** How much memory a receiver may take more than before the stall; its cap on waiting bytes is 64 MiB. */
const MEMORY_LIMIT_MIB = 200;

/** The broker stands still in the middle third; everyone must get an answer, and each 202 must be in the topic. */
export async function stallBroker(context: Context): Promise<Measured> {
  const { servers, options } = context;
  const { brokerPid } = servers;
  if (brokerPid === null) throw new NotHere('the broker is not a child of this run');
  const { receiver, prefix, key, stop } = await startReceiver(context, 'R4');
  const perSecond = options.tiny ? 50 : 500;
  const seconds = options.tiny ? 9 : 18;
  const { requests, ids } = createSender(key).tracked(perSecond * seconds);
  const requestOf = (index: number): Buffer => requests[index] ?? Buffer.alloc(0);
  try {
    await openLoop(receiver.port, { perSecond: 20, seconds: 1, requestOf: () => createSender(key).request(1) });
    const before = receiver.peakMiB();
    const loading = openLoop(receiver.port, { perSecond, seconds, requestOf });
    await sleep((seconds * 1_000) / 3);
    process.kill(brokerPid, 'SIGSTOP');
    await sleep((seconds * 1_000) / 3).finally(() => process.kill(brokerPid, 'SIGCONT'));
    const { answers } = await loading;
    const own = await readOwnClock(receiver.port);
    const peak = receiver.peakMiB() - before;
    const kept = await readIds(servers.kafkaBrokers, `${prefix}graph.notifications`);
    const acked = answers.filter(({ status }) => status === 202);
    const lost = acked.filter(({ index }) => !kept.has(ids[index] ?? ''));
    const late = answers.filter(({ status, ms }) => status === 0 || ms > ANSWER_LIMIT_MS);
    const lateOnTheWire = late.filter(({ status, ms, lateMs }) => status === 0 || ms - lateMs > ANSWER_LIMIT_MS);
    const slowest = percentile(
      answers.map(({ ms }) => ms),
      1,
    );
    const refused = answers.filter(({ status }) => status === 503).length;
    return {
      measured: `${answers.length} sent: ${acked.length} × 202, ${refused} × 503; later than 2.5 s ${late.length} from when due, ${lateOnTheWire.length} from when written, ${own.late} of ${own.all} by the receiver's own clock; slowest ${round(slowest, 0)} ms; 202 but not in Kafka: ${lost.length}; +${round(peak, 0)} MiB`,
      met: late.length === 0 && own.late === 0 && lost.length === 0 && peak < MEMORY_LIMIT_MIB && refused > 0,
      samples: { answers: answers.map(({ status, ms, lateMs }) => [status, round(ms, 1), round(lateMs, 1)]) },
    };
  } finally {
    await stop();
  }
}

/** Of all requests, those that took the receiver longer than the limit, from their first sight to the end of the answer. */
async function readOwnClock(port: number): Promise<{ all: number; late: number }> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const bucket = (le: string): number => {
    const line = text
      .split('\n')
      .find(
        (one) =>
          one.startsWith('muster_receiver_request_seconds_bucket') &&
          one.includes(`le="${le}"`) &&
          one.includes('"delivery"'),
      );
    return Number(line?.slice(line.lastIndexOf(' ')) ?? Number.NaN);
  };
  const all = bucket('+Inf');
  return { all, late: all - bucket('2.5') };
}

/** Ids of all people that the topic names, read to its end as it is now. */
async function readIds(brokers: string, topic: string): Promise<Set<string>> {
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench-reader', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const left = new Map(ends.filter(({ high }) => high !== '0').map(({ partition, high }) => [partition, BigInt(high)]));
  const ids = new Set<string>();
  if (left.size === 0) return ids;
  const consumer = kafka.consumer({ groupId: `bench-reader-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((done) => {
    void consumer.run({
      autoCommit: false,
      eachMessage: ({ partition, message }) => {
        ids.add((JSON.parse(String(message.value)) as { entityId: string }).entityId);
        if (BigInt(message.offset) + 1n >= (left.get(partition) ?? 0n)) left.delete(partition);
        if (left.size === 0) done();
        return Promise.resolve();
      },
    });
  });
  await consumer.disconnect();
  return ids;
}
