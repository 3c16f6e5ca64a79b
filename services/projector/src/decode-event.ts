import {
  describeIssues,
  notificationEvent,
  observation,
  toDeadValue,
  TOPICS,
  type DeadLetter,
  type NotificationEvent,
  type Observation,
} from '@muster/contracts';
import type { IncomingEvent } from '@muster/event-log';

export type Decoded =
  | { kind: 'notification'; event: NotificationEvent }
  | { kind: 'observation'; event: Observation }
  | { kind: 'poison'; reason: DeadLetter['reason'] };

/** Unreadable now is unreadable for ever: such a message goes to the dead letters, with the reason. */
export function decodeEvent({ topic, value }: IncomingEvent): Decoded {
  if (value === null) return poison('event.empty', 'has no value');
  let json: unknown;
  try {
    json = JSON.parse(value.toString('utf8'));
  } catch {
    return poison('event.not-json', 'is not JSON');
  }
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
  if (version !== 1) return poison('event.unknown-version', 'has a version that this build does not know');
  const parsed = topic === 'notifications' ? notificationEvent.safeParse(json) : observation.safeParse(json);
  if (!parsed.success) return poison('event.malformed', describeIssues(parsed.error.issues).slice(0, 300));
  return topic === 'notifications'
    ? { kind: 'notification', event: parsed.data as NotificationEvent }
    : { kind: 'observation', event: parsed.data as Observation };
}

const poison = (code: string, message: string): Decoded => ({ kind: 'poison', reason: { code, message } });

/** Whole, so that it can be sent again once the reason is mended. */
export const toDeadLetter = (event: IncomingEvent, reason: DeadLetter['reason'], now: Date): DeadLetter => ({
  version: 1,
  origin: { topic: TOPICS[event.topic].name, partition: event.partition, offset: event.offset, key: event.key },
  reason,
  ...toDeadValue(event.value),
  at: now.toISOString(),
});
