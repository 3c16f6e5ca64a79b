import { randomUUID } from 'node:crypto';
import { directoryChange, isFailure, type DirectoryChange } from '@muster/contracts';
import { decodeEvent, type EventBatch, type EventLog } from '@muster/event-log';
import type { Part } from '@muster/runtime';
import type { SessionsStore } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import type { StreamHub } from './stream-hub.js';

export type FollowOptions = {
  eventLog: Pick<EventLog, 'consumer'>;
  sessions: Pick<SessionsStore, 'removePerson'>;
  streams: StreamHub;
  logger: Logger;
  onCrash: (error: Error) => void;
};

/**
 * Every copy of admin hears every change, in a group of its own: whoever may no longer enter is cut off at once, on
 * all pages that are open here. What happened before the start needs no cutting: each request asks the document.
 */
export function followChangesPart({ eventLog, sessions, streams, logger, onCrash }: FollowOptions): Part {
  const consumer = eventLog.consumer({
    groupId: `muster.admin.sessions.${randomUUID()}`,
    topics: ['changes'],
    partitionsAtOnce: 4,
    onCrash,
    handle: async (batch) => {
      const changes = readChanges(batch, logger);
      for (const { tenantId, userId } of changes.flatMap(toLeaver)) {
        streams.cutPerson(tenantId, userId);
        const ended = await sessions.removePerson(tenantId, userId);
        if (ended > 0) logger.info({ tenantId, userId, ended }, 'sessions ended: may no longer enter');
      }
      await streams.tell(changes);
    },
  });
  return { name: 'session-cutter', ...consumer };
}

/** Whoever the document no longer lets in. */
const toLeaver = ({ data: { document } }: DirectoryChange): { tenantId: string; userId: string }[] =>
  'ssoEnabled' in document && !document.ssoEnabled ? [document] : [];

/** What cannot be read is skipped and said: it is the feed's own reader that puts it aside. */
export function readChanges({ events, topic, partition }: EventBatch, logger: Logger): DirectoryChange[] {
  return events.flatMap(({ value, offset }) => {
    const change = decodeEvent(directoryChange, value);
    if (!isFailure(change)) return [change];
    logger.error({ err: change, topic, partition, offset }, 'change cannot be read');
    return [];
  });
}
