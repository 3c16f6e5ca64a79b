import { setTimeout as delay } from 'node:timers/promises';
import { isFailure } from '@muster/contracts';

export type Patience = {
  /** Milliseconds in which it is begun anew. Default 50 s: a hook has a minute, and the cause is to be told, not its end. */
  readonly within?: number;
  /** Milliseconds between two tries. */
  readonly every?: number;
  /** Whether it helps to try again. Default: what a Failure says of itself. */
  readonly mayPass?: (error: unknown) => boolean;
};

/** Does something for a test that is not what it tests: a server that stands still for a while is asked again. */
export async function patiently<T>(
  work: () => Promise<T>,
  { within = 50_000, every = 500, mayPass = (error) => isFailure(error) && error.retryable }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || performance.now() >= deadline) throw error;
    }
    await delay(every);
  }
}
