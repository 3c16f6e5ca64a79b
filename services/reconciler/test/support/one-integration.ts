import type { SnapshotRecord } from '@muster/contracts';
import { toSettings } from '@muster/test-support';

/** For what is decided of one integration by its past reads: times are ms after it was started. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const started = Date.parse('2026-03-01T08:00:00.000Z');
export const at = (ms: number): string => new Date(started + ms).toISOString();

const id = '00000000-0000-0000-0000-000000000001';
const times = { createdAt: at(0), updatedAt: at(0), startedAt: at(0) };
export const settings = toSettings({ integrationId: id, tenantId: id, clientId: id, ...times });
export const periods = {
  usersEvery: 24 * HOUR,
  usersSecondRead: 15 * MINUTE,
  mfaEvery: HOUR,
  sweepMinInterval: 10_000,
};

/** A read of the people that was complete after a minute, unless `fields` say otherwise. */
export const record = (startedMs: number, fields: Partial<SnapshotRecord> = {}): SnapshotRecord => ({
  ...{ snapshotId: `s${startedMs}`, integrationId: id, tenantId: id, kind: 'users', state: 'complete' },
  ...{ pages: 1, rows: 1, expectedRows: 1, nextLink: null, resumed: false, failure: null, projected: {} },
  ...{ reason: 'first load', startedAt: at(startedMs) },
  ...{ publishedAt: at(startedMs + MINUTE), finishedAt: at(startedMs + MINUTE) },
  ...fields,
});
