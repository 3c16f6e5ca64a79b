import { setTimeout as sleep } from 'node:timers/promises';
import { describeFailure, type Progress } from '@muster/scripts';
import type { Result } from './report.js';
import { NotHere, type Context, type Measured, type Row } from './row.js';
import type { Stoppable } from './servers.js';

const LIMIT_MINUTES = 5;

/** `last`: when the last row may begin, `performance.now()`. */
export type RunContext = Context & Pick<Progress, 'step'> & { last: number };

/** Never rejects: a row that fails, or takes too long, says so in its place. What it leaves running is stopped. */
export async function runRow(row: Row, context: RunContext): Promise<{ result: Result; failed: boolean }> {
  const { id, what, goal } = row;
  const begun = performance.now();
  const toResult = (measured: Measured): Result => ({
    id,
    what,
    goal,
    seconds: (performance.now() - begun) / 1_000,
    ...measured,
    met: context.options.tiny ? null : measured.met,
  });
  try {
    if (begun > context.last) throw new Error(`the ${context.options.minutes} minutes were over (--minutes)`);
    const measured = await context.step(
      id,
      () => within(row.run(context), context.options.limitMinutes ?? row.limitMinutes ?? LIMIT_MINUTES),
      (answer) => `${id} ${answer.measured}`,
    );
    return { result: toResult(measured), failed: false };
  } catch (error) {
    const isElsewhere = error instanceof NotHere;
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const reason = `${isElsewhere ? 'not measured here' : 'failed'}: ${line}`;
    context.say(isElsewhere ? `${id} ${reason}` : `${id} ${describeFailure(error)}`);
    return { result: toResult({ measured: reason, met: null, samples: {} }), failed: !isElsewhere };
  } finally {
    await stopLeft(context.servers.started);
  }
}

async function within<T>(work: Promise<T>, minutes: number): Promise<T> {
  const stop = new AbortController();
  const late = sleep(minutes * 60_000, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`took longer than ${minutes} minutes (--limit-minutes)`);
  });
  late.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}

/** What was started last, first. */
export async function stopLeft(started: Set<Stoppable>): Promise<void> {
  for (const left of [...started].reverse()) await left.stop().catch(() => undefined);
  started.clear();
}
