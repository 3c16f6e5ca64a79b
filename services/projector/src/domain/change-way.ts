import type { ChangeWay, NotificationEvent, ObservationSource } from '@muster/contracts';

type Seen = { observedAt: string; source: ObservationSource };
type Times = {
  takenAt: Date;
  /** When the projector had read the person; null: it did not. */
  readAt: Date | null;
};

/**
 * The way of one change. Of several notifications that became one read, the first counts: it waited longest, so what
 * is shown never flatters. Who was read for another reason came by the newest sight.
 */
export function toChangeWay(
  named: readonly NotificationEvent[],
  seen: readonly Seen[],
  { takenAt, readAt }: Times,
): ChangeWay | undefined {
  const taken = takenAt.toISOString();
  const [first] = named.toSorted((one, other) => (one.receivedAt < other.receivedAt ? -1 : 1));
  if (first && readAt) {
    const { eventTime, receivedAt } = first;
    const told = eventTime === undefined ? {} : { eventTime };
    return { source: 'notification', ...told, receivedAt, takenAt: taken, readAt: readAt.toISOString() };
  }
  const newest = seen.toSorted((one, other) => (one.observedAt < other.observedAt ? 1 : -1))[0];
  return newest && { source: newest.source, takenAt: taken };
}
