import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence } from '@muster/test-support';
import { eventually } from '@muster/test-support';
import { Kafka, logLevel, type KafkaMessage } from 'kafkajs';
import mongoose from 'mongoose';
import type { BrowserContext, Response } from 'playwright-core';

/** Every file that the processes of a system have written. */
export const readLogs = (folder: string): Evidence[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({ where: `log ${name}`, text: readFileSync(join(parentPath, name), 'utf8') }));

/** Every message of every topic whose name begins so: key, headers and value. */
export async function readTopics({ brokers, topicPrefix }: { brokers: string[]; topicPrefix: string }) {
  const kafka = new Kafka({ clientId: 'evidence', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(topicPrefix));
  const waiting = new Map<string, bigint>();
  for (const topic of topics)
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      if (BigInt(high) > BigInt(low)) waiting.set(`${topic}/${partition}`, BigInt(high));
  await admin.disconnect();

  const evidence: Evidence[] = [];
  const consumer = kafka.consumer({ groupId: `${topicPrefix}evidence.${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ topic, partition, message }) => {
      const place = `${topic}/${partition}`;
      evidence.push({ where: `topic ${place}@${message.offset}`, text: toText(message) });
      if (BigInt(message.offset) + 1n >= (waiting.get(place) ?? 0n)) waiting.delete(place);
      return Promise.resolve();
    },
  });
  await eventually(() => waiting.size === 0, { within: 60_000, what: 'every message is read' });
  await consumer.disconnect();
  return { topics, evidence };
}

const toText = ({ key, headers = {}, value }: KafkaMessage): string =>
  [key, ...Object.entries(headers).flatMap(([name, held]) => [name, ...(Array.isArray(held) ? held : [held])]), value]
    .map((part) => part?.toString() ?? '')
    .join('\n');

/** Every document of every collection. */
export async function readCollections(mongodbUri: string): Promise<{ collections: string[]; evidence: Evidence[] }> {
  const connection = await mongoose.createConnection(mongodbUri).asPromise();
  try {
    const evidence: Evidence[] = [];
    const collections = (await connection.listCollections()).map(({ name }) => name).toSorted();
    for (const name of collections)
      for await (const document of connection.collection(name).find())
        evidence.push({ where: `collection ${name} ${String(document._id)}`, text: JSON.stringify(document) });
    return { collections, evidence };
  } finally {
    await connection.close();
  }
}

/** Keeps what a browser is answered by one origin, headers too; `settle` waits until all of it is read. */
export function listenTo(context: BrowserContext, origin: string) {
  const reading: Promise<Evidence>[] = [];
  const read = async (response: Response): Promise<Evidence> => {
    const headers = JSON.stringify(await response.headersArray().catch(() => []));
    // A redirect has no body, a stream that goes on none yet.
    const isStream = /event-stream/.test(response.headers()['content-type'] ?? '');
    const body = isStream ? '' : await response.text().catch(() => '');
    const { pathname } = new URL(response.url());
    return { where: `${response.request().method()} ${pathname}`, text: `${headers}\n${body}` };
  };
  context.on('response', (response) => {
    if (response.url().startsWith(origin)) reading.push(read(response));
  });
  return { settle: () => Promise.all(reading) };
}
