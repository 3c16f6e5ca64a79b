/** `starting` and `failed` are not ready; `failed` ends the process. */
export type PartState = { status: 'starting' | 'running' | 'failed' | 'stopped'; detail?: string };

/** Anything long-running. A runner starts parts in order and stops them in reverse. */
export type Part = {
  name: string;
  start: () => Promise<void>;
  stop: () => Promise<void>;
  /** Absent: running once started. */
  state?: () => PartState;
};
