import { setTimeout as delay } from 'node:timers/promises';
import type { Layout } from './layout.js';
import { lastLogLines, logFileOf, rotateLog, startProcess } from './processes.js';
import type { Child, Exit, ProcessSpec } from './processes.js';
import { StackError } from './stack-error.js';

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
  /** Last started, first stopped. Safe to call twice. */
  stop: () => Promise<void>;
  /** At once and without grace: for the second Ctrl-C. */
  kill: () => void;
  /** Settles with the reason when a server died that must not. */
  readonly broken: Promise<StackError>;
};

const howItEnded = ({ code, signal }: Exit): string =>
  signal ? `ended by ${signal}` : `ended with code ${code ?? '?'}`;

/** The children of one run, in their order. */
export function createStack(layout: Layout, say: (line: string) => void): Stack {
  const running: Child[] = [];
  let stopping = false;
  let announce: (error: StackError) => void = () => undefined;
  const broken = new Promise<StackError>((settle) => (announce = settle));

  async function begin(spec: ProcessSpec): Promise<Child> {
    if (stopping) throw new StackError('stopping: nothing more is started');
    const child = await startProcess(layout, spec);
    running.push(child);
    void child.exited.then(() => {
      const index = running.indexOf(child);
      if (index >= 0) running.splice(index, 1);
    });
    if (isStopping()) await child.stop();
    return child;
  }
  // A function, because TypeScript believes a `let` unchanged across an await.
  const isStopping = (): boolean => stopping;

  async function superviseService(spec: ProcessSpec, child: Child): Promise<void> {
    let current = child;
    for (;;) {
      const exit = await current.exited;
      if (isStopping() || current.isStopping()) return;
      say(`${spec.name} ${howItEnded(exit)}: starting it again (log: ${logFileOf(layout, spec.name)})`);
      await delay(1000);
      if (isStopping()) return;
      current = await begin(spec);
    }
  }

  return {
    layout,
    broken,
    start: begin,
    async run(spec) {
      if (!spec.inherit) rotateLog(layout, spec.name);
      const child = await begin(spec);
      const exit = await child.exited;
      if (exit.code === 0) return;
      throw new StackError(`${spec.name} ${howItEnded(exit)}.\n${lastLogLines(layout, spec.name)}`);
    },
    async startServer(spec) {
      rotateLog(layout, spec.name);
      const child = await begin(spec);
      void child.exited.then((exit) => {
        if (isStopping() || child.isStopping()) return;
        announce(
          new StackError(`${spec.name} ${howItEnded(exit)}. Its last lines:\n${lastLogLines(layout, spec.name)}`),
        );
      });
      return child;
    },
    async startService(spec) {
      rotateLog(layout, spec.name);
      const child = await begin(spec);
      void superviseService(spec, child).catch((error: unknown) =>
        announce(new StackError(`${spec.name} could not be started again: ${String(error)}`)),
      );
    },
    pidOf: (name) => running.find((child) => child.name === name)?.pid,
    async stop() {
      stopping = true;
      for (let child = running.at(-1); child; child = running.at(-1)) await child.stop();
    },
    kill() {
      stopping = true;
      for (const child of running) void child.stop(0);
    },
  };
}
