/**
 * At most `limit` works at once; the others wait in order. A work that takes longer than `patienceMs` goes on beside the
 * limit: tenants that do not answer keep nobody waiting, however many they are.
 */
export type Slots = { hold: <T>(work: (slot: Slot) => Promise<T>) => Promise<T> };
/** `away` gives the slot to others while a work only waits, so that one slow tenant never delays another. */
export type Slot = { away: <T>(wait: () => Promise<T>) => Promise<T> };

export function createSlots(limit: number, { patienceMs }: { patienceMs?: number } = {}): Slots {
  let free = limit;
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
    let timer: NodeJS.Timeout | undefined;
    const release = (): void => {
      clearTimeout(timer);
      if (holds) give();
      holds = false;
    };
    const enter = async (): Promise<void> => {
      await take();
      holds = true;
      if (patienceMs !== undefined) timer = setTimeout(release, patienceMs);
    };
    return { enter, release };
  };
  return {
    async hold(work) {
      const { enter, release } = createHold();
      const slot: Slot = {
        async away(wait) {
          release();
          try {
            return await wait();
          } finally {
            await enter();
          }
        },
      };
      await enter();
      try {
        return await work(slot);
      } finally {
        release();
      }
    },
  };
}
