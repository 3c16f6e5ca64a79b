/** The world around a run, passed in so that a test can be the terminal. */
export type Terminal = {
  env: Record<string, string | undefined>;
  cwd: string;
  out: (line: string) => void;
  complain: (line: string) => void;
  /** Null when a person sits there in place of a pipe. */
  readStdin: () => Promise<string | null>;
};
