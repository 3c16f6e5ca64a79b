import { formatMs } from './format.js';

/** One change as the service tells it, with its way through the pipeline. */
export type HistoryItem = {
  id: string;
  type: string;
  revision: number;
  /** New values of the fields that changed. */
  values: Record<string, unknown>;
  at: string;
  way: { readMs: number; feedMs: number };
};
export type HistoryEntry = { key: string; at: string; title: string; changes: [string, string][]; way: string };

const TITLES: Record<string, string> = {
  'muster.user.created': 'Appeared',
  'muster.user.deleted': 'Deleted',
  'muster.user.left-scope': 'Left the scope',
  'muster.user.restored': 'Restored',
  'muster.user.entered-scope': 'Entered the scope',
  'muster.user.disabled': 'Disabled',
  'muster.user.enabled': 'Enabled',
  'muster.user.updated': 'Changed',
  'muster.mfa.changed': 'MFA changed',
};
/** A first document changes every field: that is no news. */
const FIRST = 'muster.user.created';

const toText = (value: unknown): string =>
  value === null || value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);

/** Changes in words, in the order in which they came. */
export const toHistory = (items: readonly HistoryItem[]): HistoryEntry[] =>
  items.map(({ id, type, revision, values, at, way }) => ({
    key: id,
    at,
    title: TITLES[type] ?? type,
    changes: type === FIRST ? [] : Object.entries(values).map(([field, value]) => [field, toText(value)]),
    way: `Revision ${revision}. Read ${formatMs(way.readMs)} before it was written; on the feed ${formatMs(way.feedMs)} later.`,
  }));
