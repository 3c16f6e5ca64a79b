export type ForecastInput = {
  /** Pages still to be read. */
  pages: number;
  unitsPerPage: number;
  /** What may be used in one window; of the MFA report 5 in 10 s. */
  unitsPerWindow: number;
  windowMs: number;
  /** How long one page takes by itself. */
  pageMs: number;
  /** Until the first page may be asked for: Retry-After, or somebody else's turn. */
  startsInMs?: number;
};

/**
 * How long reading that many pages takes, ms: what the budget lets through in the first window, then window by window,
 * or page after page where that is slower.
 */
export function forecastRead(input: ForecastInput): number {
  const { pages, unitsPerPage, unitsPerWindow, windowMs, pageMs, startsInMs = 0 } = input;
  if (pages <= 0) return 0;
  const perWindow = Math.max(1, Math.floor(unitsPerWindow / unitsPerPage));
  const windows = Math.ceil(pages / perWindow) - 1;
  const inLastWindow = pages - windows * perWindow;
  return startsInMs + Math.max(windows * windowMs + inLastWindow * pageMs, pages * pageMs);
}
