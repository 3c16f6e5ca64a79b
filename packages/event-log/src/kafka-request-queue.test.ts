import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { quietRequestQueue, scheduleCheck } from './kafka-request-queue.js';

const toQueue = (fields: { pending: unknown[]; throttledUntil: number }) => ({
  ...fields,
  throttleCheckTimeoutId: null as NodeJS.Timeout | null,
  checked: 0,
  checkPendingRequests() {
    this.checked += 1;
    this.pending = [];
  },
  scheduleCheckPendingRequests: scheduleCheck,
});

describe('the request queue of kafkajs', () => {
  it('takes our schedule', () => {
    quietRequestQueue();
    const require = createRequire(import.meta.url);
    const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as { prototype: object };
    assert.equal((prototype as { scheduleCheckPendingRequests: unknown }).scheduleCheckPendingRequests, scheduleCheck);
  });

  it('has no timer while nothing waits', () => {
    const queue = toQueue({ pending: [], throttledUntil: -1 });
    queue.scheduleCheckPendingRequests();
    assert.equal(queue.throttleCheckTimeoutId, null);
  });

  it('looks again while something waits, also when the throttle is long over', async () => {
    const queue = toQueue({ pending: ['request'], throttledUntil: -1 });
    queue.scheduleCheckPendingRequests();
    queue.scheduleCheckPendingRequests();
    while (queue.throttleCheckTimeoutId) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(queue.checked, 1);
  });
});
