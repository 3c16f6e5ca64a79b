/**
 * At most `limit` works at once; the others wait in order. A work that takes longer than `patienceMs` goes on beside the
 * limit: tenants that do not answer keep nobody waiting, however many they are.
 */
export type Slots = { hold: <T>(work: (slot: Slot) => Promise<T>) => Promise<T> };
export type Slot = {
  /** Gives the slot to others while a work only waits, so that one slow tenant never delays another. */
  away: <T>(wait: () => Promise<T>) => Promise<T>;
  /** The same for what mostly takes a moment, such as a call to Graph: from `lendAfterMs` on. */
  beside: <T>(wait: () => Promise<T>) => Promise<T>;
};
export type SlotsOptions = { patienceMs?: number; lendAfterMs?: number };

const LEND_AFTER_MS = 1_000;
/** Slots that are lent at a time: each of their works may hold a page that came while it waits for its slot. */
const MOST_LENT = 60;

export function createSlots(limit: number, { patienceMs, lendAfterMs = LEND_AFTER_MS }: SlotsOptions = {}): Slots {
  let free = limit;
  let lent = 0;
  const waiting: (() => void)[] = [];
  const take = async (): Promise<void> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const give = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  /** What one work holds: a slot, or none while it waits or has taken too long. */
  const createHold = () => {
    let holds = false;
    let ended = false;
    let timer: NodeJS.Timeout | undefined;
    const release = (): void => {
      clearTimeout(timer);
      if (holds) give();
      holds = false;
    };
    const needsOne = (): boolean => !holds && !ended;
    const enter = async (): Promise<void> => {
      if (!needsOne()) return;
      await take();
      // It ended, or has one again, since it began to wait for one.
      if (!needsOne()) {
        give();
        return;
      }
      holds = true;
      if (patienceMs !== undefined) timer = setTimeout(release, patienceMs);
    };
    const end = (): void => {
      ended = true;
      release();
    };
    return { enter, release, end };
  };
  return {
    async hold(work) {
      const { enter, release, end } = createHold();
      const slot: Slot = {
        async away(wait) {
          release();
          try {
            return await wait();
          } finally {
            await enter();
          }
        },
        async beside(wait) {
          const mine = { lent: 0 };
          const lending = setTimeout(() => {
            if (lent >= MOST_LENT) return;
            mine.lent = 1;
            lent += mine.lent;
            release();
          }, lendAfterMs);
          try {
            return await wait();
          } finally {
            clearTimeout(lending);
            await enter();
            lent -= mine.lent;
          }
        },
      };
      await enter();
      try {
        return await work(slot);
      } finally {
        end();
      }
    },
  };
}
