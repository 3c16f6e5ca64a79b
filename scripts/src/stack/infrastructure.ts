import { requireGiven } from './given-servers.js';
import type { GivenServers } from './given-servers.js';
import { downloadKafka, isKafkaDownloaded, startKafka } from './kafka.js';
import { chooseMongo, downloadMongo, isMongoDownloaded, startMongo, type MongoServer } from './mongo.js';
import { wantedPort } from './ports.js';
import type { Progress } from './progress.js';
import { requireTools } from './requirements.js';
import type { Stack } from './stack.js';

export type Infrastructure = { readonly kafkaBrokers: string; readonly mongodbUri: string };

export type InfrastructureOptions = {
  readonly stack: Stack;
  readonly progress: Progress;
  readonly given: GivenServers;
  /** Gives a port for the named server. */
  readonly choosePort?: (name: string, wanted: number) => Promise<number>;
  /** What clients of Kafka are told to connect to, for a proxy in front. */
  readonly advertisedKafkaPort?: number;
  /** The servers are started again when they die, for tests that kill them. */
  readonly mayDie?: boolean;
};
type Complete = InfrastructureOptions & Required<Pick<InfrastructureOptions, 'choosePort'>>;

const KAFKA_PORT = 9092;
const CONTROLLER_PORT = 9093;
const MONGO_PORT = 27_017;
const SERVER_PORTS = [KAFKA_PORT, CONTROLLER_PORT, MONGO_PORT];

async function supplyKafka(options: Complete): Promise<string> {
  const { stack, progress, given, choosePort, advertisedKafkaPort, mayDie = false } = options;
  if (given.kafkaBrokers) return given.kafkaBrokers;
  if (!isKafkaDownloaded(stack.layout)) {
    await progress.step('Kafka is downloaded (once)', () => downloadKafka(stack));
  }
  const port = await choosePort('Kafka', KAFKA_PORT);
  const controllerPort = await choosePort("Kafka's controller", CONTROLLER_PORT);
  return progress.step(
    'Kafka',
    () => startKafka(stack, { port, controllerPort, advertisedPort: advertisedKafkaPort ?? port, mayDie }),
    (brokers) => `Kafka is ready on ${brokers}`,
  );
}

async function supplyMongo(
  { stack, progress, given, choosePort, mayDie = false }: Complete,
  server: MongoServer,
): Promise<string> {
  if (given.mongodbUri) return given.mongodbUri;
  if (server === 'secantusd-py' && !isMongoDownloaded(stack.layout)) {
    await progress.step('the MongoDB server is downloaded (once)', () => downloadMongo(stack));
  }
  const port = await choosePort('MongoDB', MONGO_PORT);
  return progress.step(
    'MongoDB',
    () => startMongo(stack, { port, server, mayDie }),
    (uri) => `MongoDB is ready on ${new URL(uri).host}`,
  );
}

/** Kafka and MongoDB side by side: those that are named, else child processes of this run. */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const { stack, progress, given } = options;
  await requireGiven(given);
  const mongoServer = await chooseMongo();
  await requireTools({
    kafka: !given.kafkaBrokers,
    kafkaDownload: !given.kafkaBrokers && !isKafkaDownloaded(stack.layout),
    mongo: !given.mongodbUri && mongoServer === 'secantusd-py',
  });
  const complete = {
    choosePort: (name: string, wanted: number) => wantedPort(wanted, name, progress.say, SERVER_PORTS),
    ...options,
  };
  const [kafkaBrokers, mongodbUri] = await Promise.all([supplyKafka(complete), supplyMongo(complete, mongoServer)]);
  return { kafkaBrokers, mongodbUri };
}
