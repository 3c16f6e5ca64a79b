// The floor of R1 and R2, and what stands before R7's raw loop: express that puts each item into Kafka as it came, one produce
// in flight and whatever waits in the next, before it answers. It proves nothing.
import express from 'express';
import { Kafka, logLevel, type Message } from 'kafkajs';

type Item = { tenantId: string; resourceData: { id: string } };
const { KAFKA_BROKERS = '', KAFKA_TOPIC_PREFIX: prefix = '', PORT } = process.env;
const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), clientId: 'floor', logLevel: logLevel.ERROR });
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
const PARTITIONS = 12;

let waiting: { messages: Message[]; answer: () => void }[] = [];
let sending = false;
async function sendAll(): Promise<void> {
  sending = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    const messages = batch.flatMap((one) => one.messages);
    await producer.send({ topic: `${prefix}graph.notifications`, acks: -1, messages });
    for (const { answer } of batch) answer();
  }
  sending = false;
}

let next = 0;
const toMessage = (item: Item): Message => ({
  key: `${item.tenantId}/${item.resourceData.id}`,
  value: JSON.stringify({ ...item, entityId: item.resourceData.id }),
  partition: (next += 1) % PARTITIONS,
});

await producer.connect();
const app = express();
app.disable('x-powered-by').disable('etag');
app.get('/readyz', (_request, response) => void response.status(200).end());
app.post('/graph/notifications', express.json({ limit: '4mb' }), (request, response) => {
  const messages = (request.body as { value: Item[] }).value.map(toMessage);
  waiting.push({ messages, answer: () => void response.status(202).end() });
  if (!sending) void sendAll();
});
app.listen(Number(PORT), '127.0.0.1');
