import type { Lag, LagStep } from './api-types.js';

export type WaterfallRow = { step: LagStep; ms: number | null; from: number; width: number; outside: boolean };

const OWN: LagStep[] = ['kafka', 'read', 'document', 'feed'];

/**
 * The steps one below the other, each beginning where the one before ends; `from` and `width` in percent of the sum.
 * Microsoft's share is drawn first when it is known.
 */
export function toWaterfall(lag: readonly Lag[], quantile: 'p50' | 'p95' | 'p99'): WaterfallRow[] {
  const of = (step: LagStep): number | null => lag.find((one) => one.step === step)?.[quantile] ?? null;
  const steps: LagStep[] = ['graph', ...OWN];
  const sum = steps.reduce((total, step) => total + (of(step) ?? 0), 0);
  let at = 0;
  return steps.map((step) => {
    const ms = of(step);
    const width = sum === 0 || ms === null ? 0 : (ms / sum) * 100;
    const row = { step, ms, from: at, width, outside: step === 'graph' };
    at += width;
    return row;
  });
}

export type StripPart = { state: string; from: string; to: string; share: number };

/** A ledger as parts of the whole time, in percent; what no interval covers is `unproved`. */
export function toStrip(
  intervals: readonly { from: string; to: string; state: string }[],
  since: string,
  until: string,
): StripPart[] {
  const [start, end] = [Date.parse(since), Date.parse(until)];
  if (!(end > start)) return [];
  const parts: StripPart[] = [];
  let at = start;
  const push = (state: string, from: number, to: number): void => {
    if (to <= from) return;
    const [fromText, toText] = [new Date(from).toISOString(), new Date(to).toISOString()];
    parts.push({ state, from: fromText, to: toText, share: ((to - from) / (end - start)) * 100 });
    at = to;
  };
  for (const { from, to, state } of intervals) {
    const begins = Math.max(Date.parse(from), at);
    push('unproved', at, Math.min(begins, end));
    push(state, begins, Math.min(Date.parse(to), end));
  }
  push('unproved', at, end);
  return parts;
}

/** Rows read, of how many, and how long the rest takes at the pace so far; null where it cannot be said. */
export function toProgress(
  read: { rows: number; expectedRows: number | null; startedAt: string },
  now: Date,
): { share: number | null; etaMs: number | null } {
  const { rows, expectedRows, startedAt } = read;
  if (expectedRows === null || expectedRows === 0) return { share: null, etaMs: null };
  const share = Math.min(1, rows / expectedRows);
  const elapsed = now.getTime() - Date.parse(startedAt);
  if (rows === 0 || elapsed <= 0) return { share, etaMs: null };
  return { share, etaMs: Math.max(0, Math.round((elapsed / rows) * (expectedRows - rows))) };
}
