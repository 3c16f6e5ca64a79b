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

/** Of the first MFA row of a person these say all; the others repeat them. */
const FIRST_MFA = new Set(['state', 'methodsRegistered', 'isAdmin']);

function toText(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(toText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `methodsRegistered` → `Methods registered`. */
function toLabel(field: string): string {
  const words = field.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return (words.charAt(0).toUpperCase() + words.slice(1)).replace(/\bmfa\b/i, 'MFA').replace(/\bsso\b/i, 'SSO');
}

function toChanges({ type, revision, values }: HistoryItem): [string, string][] {
  if (type === FIRST) return [];
  const isFirstMfa = type === 'muster.mfa.changed' && revision === 1;
  return Object.entries(values)
    .filter(([field]) => !isFirstMfa || FIRST_MFA.has(field))
    .map(([field, value]) => [toLabel(field), toText(value)]);
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Changes in words, in the order in which they came. */
export const toHistory = (items: readonly HistoryItem[]): HistoryEntry[] =>
  items.map((item) => ({
    key: item.id,
    at: item.at,
    title: TITLES[item.type] ?? item.type,
    changes: toChanges(item),
    summary: `Revision ${item.revision}${toSource(item.way.source)}${toWhole(item.way.steps)}.`,
    steps: item.way.steps.map(({ step, at, ms }) => ({
      text: ms === null ? (STEPS[step] ?? step) : `${lowerFirst(STEPS[step] ?? step)} +${formatMs(ms)}`,
      at,
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
