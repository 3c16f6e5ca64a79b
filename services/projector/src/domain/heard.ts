import type { NotificationEvent } from '@muster/contracts';
import type { BatchEvent } from './plan-batch.js';

export type Heard = { integrationId: string; resource: string; receivedAt: string };

const toResource = ({ entity, entityId }: NotificationEvent): string =>
  entity === 'user' ? '/users' : `/groups/${entityId.toLowerCase()}`;

/** The newest notification of each watch that a batch holds. */
export function toHeard(events: readonly BatchEvent[]): Heard[] {
  const newest = new Map<string, Heard>();
  for (const { kind, event } of events) {
    if (kind !== 'notification' || event.entity === 'canary') continue;
    const { integrationId, receivedAt } = event;
    const resource = toResource(event);
    const key = `${integrationId}${resource}`;
    const known = newest.get(key);
    if (!known || known.receivedAt < receivedAt) newest.set(key, { integrationId, resource, receivedAt });
  }
  return [...newest.values()];
}
