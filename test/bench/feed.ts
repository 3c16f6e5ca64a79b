import { randomUUID } from 'node:crypto';
import { directoryChange } from '@muster/contracts';
import type { EventLog } from '@muster/event-log';
import { eventually } from '@muster/test-support';

/** When a person's document was changed, and when Kafka had the news of it, which is sent behind the write; ms since epoch. */
export type Told = { changedAt: number; toldAt: number };
export type Feed = {
  /** Of the first document that had this department. */
  ofMark: (department: string) => Told | undefined;
  /** Of the person's newest change. */
  ofPerson: (userId: string) => Told | undefined;
  stop: () => Promise<void>;
};

/** Reads `directory.changes` from now on; people are told apart by a department that each change gives them. */
export async function watchFeed(eventLog: EventLog): Promise<Feed> {
  const marks = new Map<string, Told>();
  const people = new Map<string, Told>();
  const consumer = eventLog.consumer({
    groupId: `bench.${randomUUID()}`,
    topics: ['changes'],
    handle: async ({ events, heartbeat }) => {
      for (const { value, timestamp } of events) {
        const { subject, time, type, data } = directoryChange.parse(JSON.parse(String(value)));
        if (type === 'muster.mfa.changed') continue;
        const told = { changedAt: Date.parse(time), toldAt: timestamp };
        people.set(subject, told);
        const { department } = data.document;
        if (department !== null && !marks.has(department)) marks.set(department, told);
      }
      await heartbeat();
    },
    onCrash: (error) => {
      throw error;
    },
  });
  await consumer.start();
  const isAssigned = (): boolean => (consumer.assignment().get('changes')?.length ?? 0) > 0;
  await eventually(isAssigned, { within: 30_000, what: 'the feed is read' });
  return { ofMark: (mark) => marks.get(mark), ofPerson: (userId) => people.get(userId), stop: consumer.stop };
}
