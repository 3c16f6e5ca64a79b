import { Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import { patiently } from './patiently.js';

export type Left = {
  kafkaBrokers: string;
  /** With the name of the database that goes. */
  mongodbUri: string;
  /** Of the topics and groups that go. */
  prefix: string;
};

/**
 * Takes a test file's database, topics and groups off the servers of the run: what stays slows every later file.
 * Whoever wrote to them has stopped.
 */
export async function clearServers({ kafkaBrokers, mongodbUri, prefix }: Left): Promise<void> {
  const mayPass = (): boolean => true;
  await Promise.all([
    patiently(() => dropDatabase(mongodbUri), { mayPass }),
    patiently(() => dropTopics(kafkaBrokers.split(','), prefix), { mayPass }),
  ]);
}

async function dropDatabase(uri: string): Promise<void> {
  const connection = await mongoose.createConnection(uri, { serverSelectionTimeoutMS: 5_000 }).asPromise();
  try {
    await connection.dropDatabase();
  } finally {
    await connection.close();
  }
}

async function dropTopics(brokers: string[], prefix: string): Promise<void> {
  const admin = new Kafka({ brokers, clientId: 'test-clear', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    const own = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix));
    // A group whose member was killed is not empty until its session ends: it goes with the servers.
    if (own.length > 0) await admin.deleteGroups(own).catch(() => undefined);
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}
