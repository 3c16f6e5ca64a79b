import { Failure } from '@muster/contracts';

export type Sized<T> = { item: T; bytes: number };

export type CoalescerOptions<T> = {
  /** Resolves when sending makes sense, so that a batch is not taken long before it leaves. */
  ready: () => Promise<void>;
  /** Sends one batch; never called again before it has settled. */
  send: (items: readonly T[]) => Promise<void>;
  /** Most bytes that may wait or be under way. */
  maxWaitingBytes: number;
  /** Most bytes of one batch; a larger item goes alone. */
  maxBatchBytes: number;
  /** A timer: runs once after `ms`, unless the answer is called first. */
  after: (ms: number, run: () => void) => () => void;
};

export type Coalescer<T> = {
  /** Resolves when all items were sent. Rejects at the deadline, or with what `send` rejected. */
  add: (items: readonly Sized<T>[], deadlineMs: number) => Promise<void>;
  /** Resolves when nobody waits any more and nothing is under way. */
  idle: () => Promise<void>;
  /** Rejects everybody who waits. */
  abandon: (reason: Error) => void;
  waitingBytes: () => number;
};

type Waiter = {
  settled: boolean;
  /** Items that were not yet sent. */
  left: number;
  /** Items, and their bytes, that still stand in the queue. */
  queued: number;
  queuedBytes: number;
  settle: (error?: Error) => void;
};
type Entry<T> = Sized<T> & { waiter: Waiter };

const late = (deadlineMs: number): Failure =>
  new Failure('log.unavailable', `the event log did not acknowledge within ${deadlineMs} ms`, { retryable: true });
const overloaded = (waitingBytes: number, maxWaitingBytes: number): Failure =>
  new Failure('log.overloaded', 'too many events wait for the event log', {
    retryable: true,
    retryAfterMs: 1_000,
    details: { waitingBytes, maxWaitingBytes },
  });

/**
 * One send under way; what is added meanwhile goes into the next. No timer and no linger: alone, an item leaves at once.
 * Items leave in the order in which they were added, so events of one key keep theirs. Items whose waiter gave up
 * before they left are not sent.
 */
export function createCoalescer<T>(options: CoalescerOptions<T>): Coalescer<T> {
  const { ready, send, maxWaitingBytes, after } = options;
  const queue = createQueue<T>(options.maxBatchBytes);
  const waiters = new Set<Waiter>();
  let waitingBytes = 0;
  let pumping = false;
  let sending = false;
  let idlers: (() => void)[] = [];

  const isIdle = (): boolean => waiters.size === 0 && !sending;
  const tellIdlers = (): void => {
    if (!isIdle()) return;
    for (const tell of idlers) tell();
    idlers = [];
  };
  const sendNext = async (): Promise<void> => {
    const batch = queue.take();
    if (batch.length === 0) return;
    let failure: Error | undefined;
    sending = true;
    try {
      await send(batch.map(({ item }) => item));
    } catch (error) {
      failure = toError(error);
    }
    waitingBytes -= bytesOf(batch);
    for (const { waiter } of batch) {
      waiter.left -= 1;
      if (failure) waiter.settle(failure);
      else if (waiter.left === 0) waiter.settle();
    }
    sending = false;
    tellIdlers();
  };
  const abandon = (reason: Error): void => {
    for (const waiter of [...waiters]) waiter.settle(reason);
  };
  const run = async (): Promise<void> => {
    while (!queue.isEmpty()) {
      await ready().catch((error: unknown) => abandon(toError(error)));
      await sendNext();
    }
    // In the same turn as the look at the queue: who adds right behind an acknowledgement would else wake nobody.
    pumping = false;
  };
  const wake = (): void => {
    if (pumping) return;
    pumping = true;
    void run();
  };
  const end = (waiter: Waiter): boolean => {
    if (waiter.settled) return false;
    waiter.settled = true;
    waiters.delete(waiter);
    waitingBytes -= waiter.queuedBytes;
    queue.giveUp(waiter.queued);
    tellIdlers();
    return true;
  };

  const add = (items: readonly Sized<T>[], deadlineMs: number): Promise<void> => {
    if (items.length === 0) return Promise.resolve();
    const bytes = bytesOf(items);
    if (waitingBytes + bytes > maxWaitingBytes) return Promise.reject(overloaded(waitingBytes, maxWaitingBytes));
    return new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        settled: false,
        left: items.length,
        queued: items.length,
        queuedBytes: bytes,
        settle: (error) => {
          if (!end(waiter)) return;
          cancel();
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const cancel = after(deadlineMs, () => waiter.settle(late(deadlineMs)));
      waiters.add(waiter);
      waitingBytes += bytes;
      queue.push(items.map((item) => ({ ...item, waiter })));
      wake();
    });
  };
  const idle = (): Promise<void> =>
    isIdle() ? Promise.resolve() : new Promise((resolve) => void idlers.push(resolve));
  return { add, idle, abandon, waitingBytes: () => waitingBytes };
}

/** First in, first out. Entries whose waiter gave up go when they are met, or all at once when they are the most. */
function createQueue<T>(maxBatchBytes: number) {
  let entries: Entry<T>[] = [];
  let givenUp = 0;
  return {
    isEmpty: (): boolean => entries.length === givenUp,
    push: (added: readonly Entry<T>[]): void => {
      for (const entry of added) entries.push(entry);
    },
    giveUp: (count: number): void => {
      givenUp += count;
      if (givenUp * 2 <= entries.length) return;
      entries = entries.filter(({ waiter }) => !waiter.settled);
      givenUp = 0;
    },
    take: (): Entry<T>[] => {
      const batch: Entry<T>[] = [];
      let met = 0;
      let bytes = 0;
      for (const entry of entries) {
        if (entry.waiter.settled) givenUp -= 1;
        else if (batch.length > 0 && bytes + entry.bytes > maxBatchBytes) break;
        else {
          bytes += entry.bytes;
          entry.waiter.queued -= 1;
          entry.waiter.queuedBytes -= entry.bytes;
          batch.push(entry);
        }
        met += 1;
      }
      entries.splice(0, met);
      return batch;
    },
  };
}

const bytesOf = (items: readonly { bytes: number }[]): number => items.reduce((sum, { bytes }) => sum + bytes, 0);
const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
