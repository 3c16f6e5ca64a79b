import type { LagStep, NotificationEvent } from '@muster/contracts';
import type { LagStore } from '@muster/store';

export type Measure = Parameters<LagStore['add']>[0][number];
type Times = { consumedAt: Date; readAt: Date; writtenAt: Date; publishedAt: Date };

/** How long each step of the way took for one notification that was read; the last steps only where it changed something. */
export function measureLag(event: NotificationEvent, isChanged: boolean, times: Times): Measure[] {
  const { integrationId } = event;
  const receivedAt = new Date(event.receivedAt);
  const changedAt = event.eventTime === undefined ? null : new Date(event.eventTime);
  const step = (name: LagStep, from: Date, to: Date): Measure => ({
    integrationId,
    step: name,
    ms: Math.max(0, to.getTime() - from.getTime()),
    at: receivedAt,
  });
  const measures = [step('kafka', receivedAt, times.consumedAt), step('read', times.consumedAt, times.readAt)];
  // Graph does not always say when something happened: its share is then unknown, not nil.
  if (changedAt) measures.push(step('graph', changedAt, receivedAt));
  if (!isChanged) return measures;
  return [
    ...measures,
    step('document', times.readAt, times.writtenAt),
    step('feed', times.writtenAt, times.publishedAt),
    step('ours', receivedAt, times.publishedAt),
    step('total', changedAt ?? receivedAt, times.publishedAt),
  ];
}
