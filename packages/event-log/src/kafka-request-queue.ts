import requestQueue from 'kafkajs/src/network/requestQueue/index.js';

type SocketRequest = { requestTimeout: number; timeoutRequest: () => void };

/** The part of kafkajs 2.2.4's `src/network/requestQueue/index.js` that is replaced, and what it needs. */
export type RequestQueue = {
  pending: readonly unknown[];
  inflight: Map<number, SocketRequest>;
  requestTimeout: number;
  enforceRequestTimeout: boolean;
  requestTimeoutIntervalId?: NodeJS.Timeout;
  isConnected: () => boolean;
  destroy: () => void;
  scheduleRequestTimeoutCheck: () => void;
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests: () => void;
  scheduleCheckPendingRequests: () => void;
};

const CHECK_EVERY_MS = 10;
const LOOK_EVERY_MS = 100;

/**
 * kafkajs checks its queue by a timer even while nothing waits in it: every millisecond, on every connection, which
 * costs an idle consumer 4 % of a core (https://github.com/tulios/kafkajs/pull/1667), and with a negative delay, of which
 * newer Node versions warn (https://github.com/tulios/kafkajs/issues/1751). Here: no timer unless something waits.
 */
export function scheduleCheck(
  this: Pick<RequestQueue, 'pending' | 'throttledUntil' | 'throttleCheckTimeoutId' | 'checkPendingRequests'>,
): void {
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

/** When a look first met the request in flight, by the clock that never jumps. */
const metAt = new WeakMap<SocketRequest, number>();

/**
 * kafkajs measures requests in flight by the clock on the wall: set back, none on a half-open connection is given up until
 * that time comes again; set forward, all are at once. Here: by the clock that never jumps.
 */
export function scheduleTimeoutCheck(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  this.requestTimeoutIntervalId = setInterval(
    () => {
      const now = performance.now();
      for (const request of this.inflight.values()) {
        const since = metAt.get(request);
        if (since === undefined) metAt.set(request, now);
        else if (now - since > request.requestTimeout) request.timeoutRequest();
      }
      if (!this.isConnected()) this.destroy();
    },
    Math.min(this.requestTimeout, LOOK_EVERY_MS),
  );
}

/** Replaces the methods once for the process. The version is pinned exactly; the unit test fails if its shape changes. */
export function quietRequestQueue(): void {
  const { prototype } = requestQueue as { prototype: RequestQueue };
  for (const name of ['scheduleCheckPendingRequests', 'scheduleRequestTimeoutCheck', 'destroy'] as const)
    if (typeof prototype[name] !== 'function')
      throw new Error('kafkajs changed its request queue: look again at kafka-request-queue.ts');
  prototype.scheduleCheckPendingRequests = scheduleCheck;
  prototype.scheduleRequestTimeoutCheck = scheduleTimeoutCheck;
}
