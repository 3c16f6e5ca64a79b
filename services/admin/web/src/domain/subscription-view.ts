import type { SubscriptionDetail, SubscriptionEvent } from './api-types.js';

export type TimedEvent = SubscriptionEvent & { resource: string };

/** A watch in words; its resource says which exactly. */
export function toWatchName(resource: string, groupId: string | null): string {
  if (resource === '/users') return 'People';
  return groupId !== null && resource.endsWith(groupId) ? 'The chosen group' : 'A nested group';
}

/** What was done about all of them, newest first. */
export const listEvents = (items: readonly Pick<SubscriptionDetail, 'resource' | 'events'>[]): TimedEvent[] =>
  items
    .flatMap(({ resource, events }) => events.map((event) => ({ ...event, resource })))
    .sort((one, other) => ((one.lastAt ?? one.at) < (other.lastAt ?? other.at) ? 1 : -1));
