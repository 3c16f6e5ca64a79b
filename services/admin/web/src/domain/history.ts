import { formatMs } from './format.js';

/** One change as the service tells it, with its way through the pipeline. */
export type HistoryItem = {
  id: string;
  type: string;
  revision: number;
  /** New values of the fields that changed. */
  values: Record<string, unknown>;
  at: string;
  way: Way;
};
export type Way = { source: string | null; steps: { step: string; at: string; ms: number | null }[] };
export type HistoryEntry = {
  key: string;
  at: string;
  title: string;
  changes: [string, string][];
  /** What set it off, and how long the whole way took. */
  summary: string;
  steps: { text: string; at: string }[];
};

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
    summary: `Revision ${revision}${toSource(way.source)}${toWhole(way.steps)}.`,
    steps: way.steps.map(({ step, at: when, ms }) => ({
      text: ms === null ? (STEPS[step] ?? step) : `${(STEPS[step] ?? step).toLowerCase()} +${formatMs(ms)}`,
      at: when,
    })),
  }));

const SOURCES: Record<string, string> = {
  notification: 'by a notification',
  delta: 'by a sweep',
  full: 'by a full read',
  request: 'by a read that was asked for',
};
const STEPS: Record<string, string> = {
  happened: 'Changed at Microsoft',
  notified: 'Notified',
  taken: 'Taken from Kafka',
  read: 'Read',
  written: 'Written',
  told: 'Told on the feed',
};

const toSource = (source: string | null): string => (source === null ? '' : `, ${SOURCES[source] ?? source}`);

function toWhole(steps: Way['steps']): string {
  const [first, last] = [steps[0], steps.at(-1)];
  return first && last && first !== last
    ? `, ${formatMs(Math.max(0, Date.parse(last.at) - Date.parse(first.at)))} in all`
    : '';
}
