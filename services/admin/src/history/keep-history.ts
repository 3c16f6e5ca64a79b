import { directoryChange, isFailure, type DirectoryChange } from '@muster/contracts';
import { decodeEvent, type EventLog, type IncomingEvent } from '@muster/event-log';
import type { Part } from '@muster/runtime';
import type { ChangesStore, KeptChange } from '@muster/store';
import type { Logger } from '@muster/telemetry';

export type KeepHistoryOptions = {
  eventLog: Pick<EventLog, 'consumer'>;
  changes: Pick<ChangesStore, 'keep'>;
  /** Milliseconds that a change is kept. */
  keepFor: number;
  logger: Logger;
  onCrash: (error: Error) => void;
};

/** One copy of admin keeps each change of the feed for the history of its person; repeats are kept once. */
export function keepHistoryPart({ eventLog, changes, keepFor, logger, onCrash }: KeepHistoryOptions): Part {
  const consumer = eventLog.consumer({
    groupId: 'muster.admin.history',
    topics: ['changes'],
    fromBeginning: true,
    onCrash,
    handle: async ({ events, partition }) => {
      const kept = events.flatMap((event) => {
        const change = decodeEvent(directoryChange, event.value);
        if (!isFailure(change)) return [toKeptChange(change, event, keepFor)];
        logger.error({ err: change, partition, offset: event.offset }, 'change cannot be read');
        return [];
      });
      await changes.keep(kept);
    },
  });
  return { name: 'history', ...consumer };
}

function toKeptChange(
  { id, type, time, data: { document, changed, revision, way } }: DirectoryChange,
  { timestamp }: Pick<IncomingEvent, 'timestamp'>,
  keepFor: number,
): KeptChange {
  const values = document as Readonly<Record<string, unknown>>;
  return {
    id,
    tenantId: document.tenantId,
    userId: document.userId,
    type,
    revision,
    // Only what the document has: other names may be such as MongoDB refuses, or be found in every object.
    changed: Object.fromEntries(
      changed.flatMap((field) => (Object.hasOwn(values, field) ? [[field, values[field]]] : [])),
    ),
    observedAt: document.observedAt,
    changedAt: time,
    feedAt: new Date(timestamp).toISOString(),
    ...(way && { way }),
    keepUntil: new Date(Date.parse(time) + keepFor).toISOString(),
  };
}
