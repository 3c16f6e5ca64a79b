// The floor of R1 and R2, and what stands before R7's raw loop: node's own HTTP server that puts what each item names into Kafka,
// one produce in flight and whatever waits in the next, before it answers. It proves nothing.
import { quietRequestQueue } from '@muster/event-log';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Kafka, logLevel, type Message } from 'kafkajs';

type Item = {
  subscriptionId: string;
  tenantId: string;
  changeType: string;
  resourceData: { id: string; eventTime: string; sequenceNumber: number };
};
const { KAFKA_BROKERS = '', KAFKA_TOPIC_PREFIX: prefix = '', PORT } = process.env;
quietRequestQueue();
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
/** The fields of what the receiver writes. */
const toMessage = ({ subscriptionId, tenantId, changeType, resourceData }: Item): Message => ({
  key: `${tenantId}/${resourceData.id}`,
  value: JSON.stringify({
    version: 1,
    integrationId: tenantId,
    tenantId,
    subscriptionId,
    entity: 'user',
    entityId: resourceData.id,
    changeType,
    eventTime: resourceData.eventTime,
    sequenceNumber: resourceData.sequenceNumber,
    receivedAt: new Date().toISOString(),
  }),
  partition: (next += 1) % PARTITIONS,
});

function take(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const messages = (JSON.parse(Buffer.concat(chunks).toString()) as { value: Item[] }).value.map(toMessage);
    response.statusCode = 202;
    waiting.push({ messages, answer: () => void response.end() });
    if (!sending) void sendAll();
  });
}

await producer.connect();
const server = createServer((request, response) => {
  if (request.method === 'POST') take(request, response);
  else response.end();
}).listen(Number(PORT), '127.0.0.1');
// As the receiver: nobody's connection is closed while the others are measured.
server.keepAliveTimeout = 65_000;
