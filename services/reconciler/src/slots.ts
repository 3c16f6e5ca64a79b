/** At most `limit` works at once; the others wait in order. */
export type Slots = { hold: <T>(work: (slot: Slot) => Promise<T>) => Promise<T> };
/** `away` gives the slot to others while a work only waits, so that one slow tenant never delays another. */
export type Slot = { away: <T>(wait: () => Promise<T>) => Promise<T> };

export function createSlots(limit: number): Slots {
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
  const slot: Slot = {
    async away(wait) {
      give();
      try {
        return await wait();
      } finally {
        await take();
      }
    },
  };
  return {
    async hold(work) {
      await take();
      try {
        return await work(slot);
      } finally {
        give();
      }
    },
  };
}
