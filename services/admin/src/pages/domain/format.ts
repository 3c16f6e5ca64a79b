const NUMBERS = new Intl.NumberFormat('en-GB');

export const formatCount = (count: number): string => NUMBERS.format(count);

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

/** How long ago, or in how long. */
export function formatWhen(instant: string | null, now: Date): string {
  if (instant === null) return '–';
  const ms = Date.parse(instant) - now.getTime();
  if (Math.abs(ms) < 1_000) return 'now';
  return ms > 0 ? `in ${formatMs(ms)}` : `${formatMs(-ms)} ago`;
}

/** Whole percent, rounded down so that 100 % means all; null when there is nobody. */
export const toPercent = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.floor((part / whole) * 100);
