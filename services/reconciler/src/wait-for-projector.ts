import type { Logger } from '@muster/telemetry';

/** About what the projector takes within seconds: then the next page. */
const MOST_WAITING = 1_000;
const LOOK_EVERY_MS = 500;

export type Waiting = () => Promise<number>;

/**
 * Everything that is observed goes through one topic: a full read that were pages ahead of the projector would stand before
 * what the sweeps of other tenants tell. Where nobody can say how much waits, the publish that comes next finds out.
 */
export async function waitForProjector(
  waiting: Waiting,
  { pause, logger }: { pause: (ms: number) => Promise<void>; logger: Logger },
): Promise<void> {
  const count = (): Promise<number> =>
    waiting().catch((error: unknown) => {
      logger.debug({ err: error }, 'what waits for the projector is not known');
      return 0;
    });
  while ((await count()) > MOST_WAITING) await pause(LOOK_EVERY_MS);
}
