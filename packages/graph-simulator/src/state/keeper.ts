import { existsSync } from 'node:fs';
import type { Cancel, Clock } from '../clock.js';
import type { State } from './records.js';
import { fromLines, toLines } from './records.js';
import { readLines, writeLines } from './state-file.js';

export const loadState = async (path: string | undefined): Promise<State | null> =>
  path !== undefined && existsSync(path) ? fromLines(readLines(path)) : null;

export type Keeper = {
  /** Something changed; it is saved within about a second. */
  readonly touch: () => void;
  /** Saves what is not saved yet. */
  readonly flush: () => Promise<void>;
};

const DEBOUNCE = 1_000;
/** Up to so many lines are taken in one go, so that the file is one moment's state. */
const ONE_MOMENT = 100_000;

export const createKeeper = (
  path: string | undefined,
  { clock, take, onError }: { clock: Clock; take: () => State; onError: (error: unknown) => void },
): Keeper => {
  let dirty = false;
  let scheduled: Cancel | null = null;
  let saving: Promise<void> = Promise.resolve();
  const save = async () => {
    if (path === undefined || !dirty) return;
    dirty = false;
    const state = take();
    const size = state.tenants.reduce((sum, tenant) => sum + tenant.users.slots.length, 0);
    await writeLines(path, size <= ONE_MOMENT ? [...toLines(state)] : toLines(state));
  };
  const enqueue = () => {
    saving = saving.then(save).catch((error: unknown) => {
      dirty = true;
      onError(error);
    });
    return saving;
  };
  return {
    touch: () => {
      dirty = true;
      if (path === undefined || scheduled !== null) return;
      scheduled = clock.after(DEBOUNCE, () => {
        scheduled = null;
        void enqueue();
      });
    },
    flush: () => {
      scheduled?.();
      scheduled = null;
      return enqueue();
    },
  };
};
