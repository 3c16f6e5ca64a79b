// R12: kafkajs as it comes, in a group, with nothing to read; with QUIET=1 without the timer that looks at its empty queue each millisecond.
import { quietRequestQueue } from '@muster/event-log';
import { Kafka, logLevel } from 'kafkajs';

const { KAFKA_BROKERS = '', KAFKA_TOPIC_PREFIX: prefix = '', QUIET = '' } = process.env;
if (QUIET) quietRequestQueue();
const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), clientId: 'idle', logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `${prefix}idle-${process.pid}` });
process.once('SIGTERM', () => void consumer.disconnect().finally(() => process.exit(0)));
await consumer.connect();
await consumer.subscribe({ topics: [`${prefix}graph.notifications`], fromBeginning: false });
await consumer.run({ eachMessage: () => Promise.resolve() });
