import type { IntegrationSettings, SubscriptionRecord } from '@muster/contracts';

export type DoubtInput = {
  settings: Pick<IntegrationSettings, 'state' | 'startedAt' | 'resumedAt'>;
  recorded: readonly SubscriptionRecord[];
};

/**
 * Since when it is open whether what is told as live is there at Graph, ms since epoch: its inventory is due at once. Null =
 * the regular one is soon enough. A start opens it, for nobody reads a paused integration and finds what is missing.
 */
export function toDoubt({ settings, recorded }: DoubtInput): number | null {
  if (settings.state !== 'active') return null;
  const beganAt = toTime(settings.resumedAt ?? settings.startedAt);
  const isOpen = recorded.some((record) => record.status === 'live' && toProvedAt(record) < beganAt);
  return isOpen ? beganAt : null;
}

/** With this in the records the doubt is over, also by a clock that is behind the one by which it began. */
export const toInventoriedAt = (doubt: number, now: number): string => new Date(Math.max(doubt, now)).toISOString();

/** Graph itself said then that it is there. */
const toProvedAt = ({ createdAt, renewedAt, inventoriedAt }: SubscriptionRecord): number =>
  Math.max(toTime(createdAt), toTime(renewedAt), toTime(inventoriedAt));

const toTime = (instant: string | null | undefined): number => (instant == null ? 0 : Date.parse(instant));
