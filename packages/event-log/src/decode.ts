import { describeIssues, Failure, toDeadValue, TOPICS, type DeadLetter, type Issue } from '@muster/contracts';
import type { IncomingEvent } from './event-log.js';

/** As much of a zod schema as decoding needs. */
type Schema<T> = {
  safeParse: (value: unknown) => { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
};

const unreadable = (message: string, cause?: unknown): Failure =>
  new Failure('event.unreadable', message, { retryable: false, cause });

/** The parsed event, or a Failure `event.unreadable` that names the field; trying again never helps. */
export function decodeEvent<T>(schema: Schema<T>, value: Buffer | null): T | Failure {
  if (value === null) return unreadable('the event has no value (a tombstone)');
  let json: unknown;
  try {
    json = JSON.parse(value.toString('utf8'));
  } catch (error) {
    return unreadable('the event is not JSON', error);
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : unreadable(describeIssues(parsed.error.issues));
}

/** Value of `dead-letters`: the message whole, with its reason. Publish it under {@link toDeadLetterKey}. */
export const toDeadLetter = (incoming: IncomingEvent, failure: Failure, now: Date): DeadLetter => ({
  version: 1,
  origin: {
    topic: TOPICS[incoming.topic].name,
    partition: incoming.partition,
    offset: incoming.offset,
    key: incoming.key,
  },
  reason: { code: failure.code, message: failure.message },
  ...toDeadValue(incoming.value),
  at: now.toISOString(),
});

/** Key of the origin; where it has none, its place. */
export const toDeadLetterKey = ({ topic, partition, offset, key }: IncomingEvent): string =>
  key ?? `${topic}/${partition}/${offset}`;
