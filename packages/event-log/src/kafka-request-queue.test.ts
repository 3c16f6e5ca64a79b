import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { quietRequestQueue, scheduleCheck, type RequestQueue } from './kafka-request-queue.js';

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

type Request = { entry: object; expectResponse: boolean; sendRequest: () => void };
type RealQueue = RequestQueue & { push: (request: Request) => void };

const loadQueue = () => {
  const require = createRequire(import.meta.url);
  return require('kafkajs/src/network/requestQueue/index.js') as {
    new (options: object): RealQueue;
    prototype: RequestQueue;
  };
};

/** A request that kafkajs's own queue has in flight and that nobody answers. */
function createInFlight(requestTimeout: number) {
  quietRequestQueue();
  const logger = { debug: () => undefined };
  const queue = new (loadQueue())({ requestTimeout, enforceRequestTimeout: true, broker: 'none', logger });
  const failure = new Promise<Error>((reject) => {
    const entry = { apiName: 'Fetch', correlationId: 1, resolve: () => undefined, reject };
    queue.push({ entry, expectResponse: true, sendRequest: () => undefined });
  });
  queue.scheduleRequestTimeoutCheck();
  return { queue, failure };
}

const HOUR_MS = 3_600_000;

describe('the request queue of kafkajs', () => {
  it('takes our schedule', () => {
    quietRequestQueue();
    assert.equal(loadQueue().prototype.scheduleCheckPendingRequests, scheduleCheck);
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

  describe('while the clock is set', () => {
    const { now } = Date;
    const queues: RequestQueue[] = [];
    const create = (requestTimeout: number): Promise<Error> => {
      const { queue, failure } = createInFlight(requestTimeout);
      queues.push(queue);
      return failure;
    };
    afterEach(() => {
      Date.now = now;
      for (const queue of queues.splice(0)) queue.destroy();
    });

    it('gives up a request in flight also when the clock goes back', async () => {
      const failure = create(30);
      Date.now = () => now() - HOUR_MS;
      assert.equal((await failure).name, 'KafkaJSRequestTimeoutError');
    });

    it('keeps one whose time is not over when the clock goes ahead', async () => {
      const failures: Error[] = [];
      void create(10_000).then((error) => failures.push(error));
      Date.now = () => now() + HOUR_MS;
      // Looked at every 100 ms, both: when this one is given up, the other was looked at more than once.
      await create(250);
      assert.deepEqual(failures, []);
    });
  });
});
