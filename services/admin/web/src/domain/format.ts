export { formatCount, plural } from '@muster/contracts/plural';

/** A length of time in the unit that people would say it in. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${trim(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${trim(ms / 60_000)} min`;
  if (ms < 86_400_000) return `${trim(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}

const trim = (value: number): string => (value < 10 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value)));

/** The same in whole units, for what moves while one looks at it. */
export function formatAge(ms: number): string {
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  return ms < 86_400_000 ? `${Math.floor(ms / 3_600_000)} h` : formatMs(ms);
}

/** How long ago, or in how long. */
export function formatWhen(instant: string | null, now: Date): string {
  if (instant === null) return '–';
  const ms = Date.parse(instant) - now.getTime();
  if (Math.abs(ms) < 1_000) return 'now';
  return ms > 0 ? `in ${formatAge(ms)}` : `${formatAge(-ms)} ago`;
}

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export const formatDate = (instant: string): string => DATE.format(new Date(instant));

/** The reader's own time zone; the date is left out when it is today. */
export function formatInstant(instant: string, now: Date): string {
  const at = new Date(instant);
  const isToday = at.toDateString() === now.toDateString();
  return isToday ? TIME.format(at) : `${DATE.format(at)}, ${TIME.format(at)}`;
}

/** Instants inside a sentence of the service, in the reader's own time zone. */
export const localizeInstants = (sentence: string): string =>
  sentence.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (instant) => {
    const at = new Date(instant);
    return `${DATE.format(at)}, ${TIME.format(at)}`;
  });

/** Whole percent, rounded down so that 100 % means all; null when there is nobody. */
export const toPercent = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.floor((part / whole) * 100);

/** Whole days until then; negative when it has passed. */
export const daysUntil = (instant: string, now: Date): number =>
  Math.floor((Date.parse(instant) - now.getTime()) / 86_400_000);

/** A message as a title. A field's name at its start stays as it is written. */
export const toTitle = (message: string): string =>
  /^[a-z]+(?=[\s,:]|$)/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
