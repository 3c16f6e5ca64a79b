import type { KafkaMessage } from 'kafkajs';
import type { TopicRole } from '@muster/contracts';
import type { IncomingEvent } from './event-log.js';

/** A producer may put any time on a message; there is no later date than this one. */
const LATEST_MS = 8.64e15;

export const toIncoming = (topic: TopicRole, partition: number, message: KafkaMessage): IncomingEvent => ({
  topic,
  partition,
  offset: message.offset,
  key: message.key?.toString('utf8') ?? null,
  value: message.value,
  timestamp: Math.min(Number(message.timestamp), LATEST_MS),
});
