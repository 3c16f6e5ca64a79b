import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { anyPort, createLayout, createStack, startKafka } from '@muster/scripts';
import { Kafka, logLevel } from 'kafkajs';
import { openLoop } from '../load/load.js';
import { createSender } from '../load/notifications.js';
import { readTopic } from '../read-topic.js';
import { NotHere, round, type Context, type Measured } from '../row.js';
import { percentile } from '../statistics.js';
import { startReceiver } from './receiver.js';

const ANSWER_LIMIT_MS = 2_500;
/** How much memory a receiver may take more than before the stall; its cap on waiting bytes is 64 MiB. */
const MEMORY_LIMIT_MIB = 200;

/** Longer than kafkajs tries a produce request by itself, which is some 9 s: whoever waits for that is late. */
const AWAY_SECONDS = 12;

type Way = { what: string; away: (broker: OwnBroker, seconds: number) => Promise<void> };
const WAYS: readonly Way[] = [
  {
    what: 'stalled',
    away: async (broker, seconds) => {
      broker.signal('SIGSTOP');
      await sleep(seconds * 1_000).finally(() => broker.signal('SIGCONT'));
    },
  },
  // Its supervisor starts another after a second, which takes some more until it answers.
  {
    what: 'killed',
    away: (broker) => {
      broker.signal('SIGKILL');
      return Promise.resolve();
    },
  },
];

/** After a third of the load the broker is away; everyone must get an answer, and each 202 must be in the topic. */
export async function loseBroker(context: Context): Promise<Measured> {
  const broker = await startOwnBroker(context);
  const own = { ...context, servers: { ...context.servers, kafkaBrokers: broker.brokers } };
  const all: { what: string; told: Told }[] = [];
  for (const way of WAYS) all.push({ what: way.what, told: await lose(own, broker, way) });
  await broker.stop();
  return {
    measured: all.map(({ what, told }) => `${what}: ${told.measured}`).join('; '),
    met: all.every(({ told }) => told.met),
    samples: Object.fromEntries(all.map(({ what, told }) => [what, told.answers])),
  };
}

type OwnBroker = { brokers: string; signal: (name: NodeJS.Signals) => void; stop: () => Promise<void> };

/** One of its own: what dies with it is nothing of the other rows. */
async function startOwnBroker({ servers, say }: Context): Promise<OwnBroker> {
  if (process.env.KAFKA_BROKERS) throw new NotHere('the broker is not a child of this run');
  const stack = createStack(createLayout(join(servers.layout.home, 'own-broker')), say);
  servers.started.add(stack);
  const brokers = await startKafka(stack, { port: await anyPort(), controllerPort: await anyPort(), mayDie: true });
  const signal = (name: NodeJS.Signals): void => {
    const pid = stack.pidOf('kafka');
    if (pid === undefined) throw new Error('the broker does not run');
    process.kill(pid, name);
  };
  return { brokers, signal, stop: stack.stop };
}

type Told = { measured: string; met: boolean; answers: readonly unknown[] };

async function lose(context: Context, broker: OwnBroker, { what, away }: Way): Promise<Told> {
  const { tiny } = context.options;
  const { receiver, prefix, key, stop } = await startReceiver(context, `R4-${what}`);
  const perSecond = tiny ? 50 : 500;
  const awaySeconds = tiny ? 3 : AWAY_SECONDS;
  const seconds = awaySeconds * 3;
  const { requests, ids } = createSender(key).tracked(perSecond * seconds);
  const requestOf = (index: number): Buffer => requests[index] ?? Buffer.alloc(0);
  try {
    await openLoop(receiver.port, { perSecond: 20, seconds: 1, requestOf: () => createSender(key).request(1) });
    const before = receiver.peakMiB();
    const loading = openLoop(receiver.port, { perSecond, seconds, requestOf });
    await sleep(awaySeconds * 1_000);
    await away(broker, awaySeconds);
    const { answers } = await loading;
    const own = await readOwnClock(receiver.port);
    const peak = receiver.peakMiB() - before;
    const kept = await readIds(broker.brokers, `${prefix}graph.notifications`);
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
      answers: answers.map(({ status, ms, lateMs }) => [status, round(ms, 1), round(lateMs, 1)]),
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

/** Ids of all people that the topic names, read to its end as it is now; waits for a broker that is still away. */
async function readIds(brokers: string, topic: string): Promise<Set<string>> {
  const patient = { brokers: brokers.split(','), retry: { retries: 60, maxRetryTime: 2_000 } };
  const kafka = new Kafka({ ...patient, clientId: 'bench-reader', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const ids = new Set<string>();
  await readTopic({ kafka, admin }, topic, ({ value }) => {
    ids.add((JSON.parse(String(value)) as { entityId: string }).entityId);
  });
  await admin.disconnect();
  return ids;
}
