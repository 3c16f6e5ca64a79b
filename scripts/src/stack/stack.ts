import { setTimeout as delay } from 'node:timers/promises';
import type { Layout } from './layout.js';
import { lastLogLines, logFileOf, rotateLog, startProcess } from './processes.js';
import type { Child, Exit, ProcessSpec } from './processes.js';
import { StackError, StoppedError } from './stack-error.js';

export type Stack = {
  readonly layout: Layout;
  /** Starts a child whose end is the caller's affair. */
  start: (spec: ProcessSpec) => Promise<Child>;
  /** Runs a command to its end; throws with its last lines when it fails. */
  run: (spec: ProcessSpec) => Promise<void>;
  /** Starts a server whose death is fatal: everything else is then of no use. */
  startServer: (spec: ProcessSpec) => Promise<Child>;
  /** Starts a service; when it dies it is started again after a second. */
  startService: (spec: ProcessSpec) => Promise<void>;
  /** The pid of what runs under this name now. */
  pidOf: (name: string) => number | undefined;
  readonly isStopping: () => boolean;
  /** How often it was started in this run; more than once: it has died. */
  startsOf: (name: string) => number;
  /** What was started first is stopped last. Safe to call twice. */
  stop: () => Promise<void>;
  /** At once and without grace: for the second Ctrl-C. */
  kill: () => void;
  /** Settles with the reason when a server died that must not. */
  readonly broken: Promise<StackError>;
};

export const RESTART_AFTER_MS = 1000;

const howItEnded = ({ code, signal }: Exit): string =>
  signal ? `ended by ${signal}` : `ended with code ${code ?? 'unknown'}`;

/** The children of one run, in the order of their first start. */
export function createStack(layout: Layout, say: (line: string) => void): Stack {
  // A name that is set again keeps its place: a restarted service is stopped in the order of its first start.
  const children = new Map<string, Child>();
  const starts = new Map<string, number>();
  let stopping = false;
  const isStopping = (): boolean => stopping;
  let announce: (error: StackError) => void = () => undefined;
  const broken = new Promise<StackError>((settle) => (announce = settle));

  async function start(spec: ProcessSpec): Promise<Child> {
    if (isStopping()) throw new StoppedError();
    const child = await startProcess(layout, spec);
    children.set(spec.name, child);
    starts.set(spec.name, (starts.get(spec.name) ?? 0) + 1);
    if (isStopping()) await child.stop();
    return child;
  }

  async function supervise(spec: ProcessSpec, first: Child): Promise<void> {
    for (let child = first; ; child = await start(spec)) {
      const exit = await child.exited;
      if (isStopping()) return;
      say(`${spec.name} ${howItEnded(exit)}: it is started again (log: ${logFileOf(layout, spec.name)})`);
      await delay(RESTART_AFTER_MS);
      if (isStopping()) return;
    }
  }

  const endedBadly = (name: string, exit: Exit): StackError =>
    new StackError(
      `${name} ${howItEnded(exit)}. Last lines of ${logFileOf(layout, name)}:\n${lastLogLines(layout, name)}`,
    );

  return {
    layout,
    broken,
    isStopping,
    start,
    async run(spec) {
      if (!spec.inherit) rotateLog(layout, spec.name);
      const exit = await (await start(spec)).exited;
      if (isStopping()) throw new StoppedError();
      if (exit.code !== 0) throw endedBadly(spec.name, exit);
    },
    async startServer(spec) {
      rotateLog(layout, spec.name);
      const child = await start(spec);
      void child.exited.then((exit) => {
        if (!isStopping()) announce(endedBadly(spec.name, exit));
      });
      return child;
    },
    async startService(spec) {
      rotateLog(layout, spec.name);
      const child = await start(spec);
      supervise(spec, child).catch((error: unknown) => announce(new StackError(String(error))));
    },
    startsOf: (name) => starts.get(name) ?? 0,
    pidOf: (name) => children.get(name)?.pid,
    async stop() {
      stopping = true;
      for (const child of [...children.values()].reverse()) await child.stop();
    },
    kill() {
      stopping = true;
      for (const child of children.values()) child.kill();
    },
  };
}
