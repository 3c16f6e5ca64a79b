import type { IntegrationSettings, SubscriptionRecord, SweepRecord } from '@muster/contracts';

/** What is older was followed by a regular inventory. */
const SWEEPS_BACK_MS = 15 * 60_000;

export type Doubted = {
  settings: Pick<IntegrationSettings, 'state' | 'startedAt' | 'resumedAt'>;
  recorded: readonly SubscriptionRecord[];
};
export type Swept = Pick<SweepRecord, 'to' | 'state' | 'lost'>;

/**
 * Since when it is open whether what is told as live is there at Graph, ms since epoch: its inventory is due at once. Null =
 * the regular one is soon enough. A start opens it, for nobody reads a paused integration and finds what is missing; so does
 * a sweep that found changes of people which no notification announced.
 */
export function toDoubt({ settings, recorded, sweeps }: Doubted & { sweeps: readonly Swept[] }): number | null {
  if (settings.state !== 'active') return null;
  const startedAt = toTime(settings.resumedAt ?? settings.startedAt);
  const lostAt = Math.max(0, ...sweeps.filter(isLossy).map(({ to }) => toTime(to)));
  const doubts = recorded.filter(isLive).map((record) => {
    const doubtedAt = Math.max(startedAt, record.entity === 'user' ? lostAt : 0);
    return toProvedAt(record) < doubtedAt ? doubtedAt : 0;
  });
  return Math.max(0, ...doubts) || null;
}

/** From when on sweeps may tell of a doubt; null = they cannot, and need not be read. */
export function toSweepsSince({ settings, recorded, now }: Doubted & { now: number }): string | null {
  const users = recorded.find((record) => record.entity === 'user' && isLive(record));
  if (settings.state !== 'active' || !users) return null;
  return new Date(Math.max(toProvedAt(users), now - SWEEPS_BACK_MS)).toISOString();
}

/** With this in the records the doubt is over, also by a clock that is behind the one by which it began. */
export const toInventoriedAt = (doubt: number, now: number): string => new Date(Math.max(doubt, now)).toISOString();

/** The subscription was told as live all the time, and our own part of the way was. */
const isLossy = ({ state, lost }: Swept): boolean => state === 'covered' && lost > 0;

const isLive = ({ status }: SubscriptionRecord): boolean => status === 'live';

/** Graph itself said then that it is there. */
const toProvedAt = ({ createdAt, renewedAt, inventoriedAt }: SubscriptionRecord): number =>
  Math.max(toTime(createdAt), toTime(renewedAt), toTime(inventoriedAt));

const toTime = (instant: string | null | undefined): number => (instant == null ? 0 : Date.parse(instant));
