import { StackError, StoppedError } from './stack-error.js';

export type Progress = {
  /** A line of its own. */
  say: (line: string) => void;
  /** Runs a step; one line when it is done or has failed, with its own seconds. `done` may name the result. */
  step: <T>(name: string, work: () => Promise<T>, done?: (result: T) => string) => Promise<T>;
};

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const STILL_EVERY_MS = 10_000;

/** Lines begin with the seconds since the start, so that a slow step is seen at a glance; it says itself that it goes on. */
export function createProgress(
  write: (line: string) => void,
  now: () => number = () => performance.now(),
  stillEveryMs = STILL_EVERY_MS,
): Progress {
  const begin = now();
  const say = (line: string): void => write(`[${seconds(now() - begin).padStart(7)}] ${line}`);
  return {
    say,
    async step(name, work, done) {
      const from = now();
      const still = setInterval(() => say(`… ${name}  (${seconds(now() - from)} so far)`), stillEveryMs);
      try {
        const result = await work();
        say(`${done ? done(result) : name}  (${seconds(now() - from)})`);
        return result;
      } catch (error) {
        if (!(error instanceof StoppedError)) say(`${name}: failed  (${seconds(now() - from)})`);
        throw error;
      } finally {
        clearInterval(still);
      }
    },
  };
}

/** What a person reads when a start or a suite fails: what happened, and the cure. */
export function describeFailure(error: unknown): string {
  if (error instanceof StackError) return error.cure ? `${error.message}\n\n${error.cure}` : error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
