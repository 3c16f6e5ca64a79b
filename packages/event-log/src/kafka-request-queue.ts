import requestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** The part of kafkajs 2.2.4's `src/network/requestQueue/index.js` that is replaced. */
type RequestQueue = {
  pending: readonly unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests: () => void;
  scheduleCheckPendingRequests: () => void;
};

const CHECK_EVERY_MS = 10;

/**
 * kafkajs checks its queue by a timer even while nothing waits in it: every millisecond, on every connection, which
 * costs an idle consumer 4 % of a core (https://github.com/tulios/kafkajs/pull/1667), and with a negative delay, of which
 * newer Node versions warn (https://github.com/tulios/kafkajs/issues/1751). Here: no timer unless something waits.
 */
export function scheduleCheck(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : CHECK_EVERY_MS,
  );
}

/** Replaces the method once for the process. The version is pinned exactly; the unit test fails if its shape changes. */
export function quietRequestQueue(): void {
  const { prototype } = requestQueue as { prototype: RequestQueue };
  if (typeof prototype.scheduleCheckPendingRequests !== 'function')
    throw new Error('kafkajs changed its request queue: look again at kafka-request-queue.ts');
  prototype.scheduleCheckPendingRequests = scheduleCheck;
}
