import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively } from './exclusively.js';
import { KAFKA_VERSION, kafkaLogging, kafkaPom, kafkaProperties } from './kafka-settings.js';
import type { MoreListeners } from './kafka-settings.js';
import type { Layout } from './layout.js';
import type { Stack } from './stack.js';
import { waitUntil } from './wait-until.js';
import { answersKafka } from './wire-checks.js';

const folderOf = (layout: Layout): string => join(layout.downloads, 'kafka');
const libsOf = (layout: Layout): string => join(folderOf(layout), `libs-${KAFKA_VERSION}`);
const markerOf = (layout: Layout): string => join(libsOf(layout), '.complete');

export const isKafkaDownloaded = (layout: Layout): boolean => existsSync(markerOf(layout));

/** Fetches Kafka's jars by Maven, once. */
export async function downloadKafka(stack: Stack): Promise<void> {
  const { layout } = stack;
  mkdirSync(folderOf(layout), { recursive: true });
  await exclusively(join(folderOf(layout), 'download.lock'), async () => {
    if (isKafkaDownloaded(layout)) return;
    rmSync(libsOf(layout), { recursive: true, force: true });
    writeFileSync(join(folderOf(layout), 'pom.xml'), kafkaPom);
    await stack.run({
      name: 'kafka-download',
      command: 'mvn',
      args: [
        '-q',
        '-B',
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${libsOf(layout)}`,
      ],
      cwd: folderOf(layout),
      env: process.env,
    });
    writeFileSync(markerOf(layout), KAFKA_VERSION);
  });
}

const javaArguments = (layout: Layout, loggingFile: string, heap: string): string[] => [
  `-Xms${heap}`,
  `-Xmx${heap}`,
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=file:${loggingFile}`,
  '-cp',
  join(libsOf(layout), '*'),
];

/** The cluster id is kept: a node refuses data that was formatted for another. */
function loadClusterId(folder: string): string {
  const file = join(folder, 'cluster-id');
  if (!existsSync(file)) writeFileSync(file, randomBytes(16).toString('base64url'));
  return readFileSync(file, 'utf8').trim();
}

export type KafkaStart = {
  readonly port: number;
  readonly controllerPort: number;
  /** For a proxy in front; else `port`. */
  readonly advertisedPort?: number;
  /** Started again when it dies, for tests that kill it; else its death ends the run. */
  readonly mayDie?: boolean;
  readonly more?: MoreListeners;
  /** Arguments of its own when the data folder is formatted, such as users. */
  readonly formatWith?: readonly string[];
};

/** Starts one node with its data under the layout; settles when it answers the Kafka protocol. */
export async function startKafka(
  stack: Stack,
  { mayDie = false, formatWith = [], ...ports }: KafkaStart,
): Promise<string> {
  const { layout } = stack;
  const { port, advertisedPort = port } = ports;
  const folder = join(layout.data, 'kafka');
  const dataFolder = join(folder, 'log');
  mkdirSync(folder, { recursive: true });
  const properties = join(folder, 'server.properties');
  const logging = join(folder, 'log4j2.properties');
  writeFileSync(properties, kafkaProperties({ ...ports, advertisedPort, dataFolder }));
  writeFileSync(logging, kafkaLogging);
  if (!existsSync(join(dataFolder, 'meta.properties'))) {
    await stack.run({
      name: 'kafka-format',
      command: 'java',
      args: [
        ...javaArguments(layout, logging, '128m'),
        // An id may begin with a dash: as an argument of its own it would be taken for an option.
        ...['kafka.tools.StorageTool', 'format', `--cluster-id=${loadClusterId(folder)}`, '-c', properties],
        ...formatWith,
      ],
      env: process.env,
    });
  }
  await (mayDie ? stack.startService : stack.startServer)({
    name: 'kafka',
    command: 'java',
    args: [...javaArguments(layout, logging, '512m'), 'kafka.Kafka', properties],
    env: process.env,
  });
  await waitUntil(() => answersKafka(port), { what: 'Kafka answers', withinMs: 120_000 });
  return `127.0.0.1:${port}`;
}
