import { Failure } from '@muster/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { retryAfterOf } from './batch-outcome.js';
import type { Transport } from './microsoft-graph.js';
import { toFailure } from './to-failure.js';

/** https://learn.microsoft.com/graph/json-batching */
export const BATCH_LIMIT = 20;
export type BatchPart = { id: string; method: 'GET' | 'POST'; url: string; body?: object };
/** A part's answer: its body, or why it failed. `graph.not-found` is an answer, too: the caller knows what it means. */
export type BatchAnswer = { observedAt: string } & ({ body: unknown } | { failure: Failure });

export type BatchOptions = {
  /** For messages: what is being done, in words. */
  what: string;
  wait?: (ms: number) => Promise<unknown>;
};

const answerShape = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    }),
  ),
});
/** Throttled parts are sent again within the call when the wait is short; a longer one is the caller's to decide. */
const LONGEST_WAIT_MS = 5_000;
const TRIES = 3;

/** Sends the parts, 20 at a time, and only those again that were throttled (the SDKs do not retry inner requests). */
export async function sendBatch(
  transport: Transport,
  parts: readonly BatchPart[],
  { what, wait = sleep }: BatchOptions,
): Promise<Map<string, BatchAnswer>> {
  const answers = new Map<string, BatchAnswer>();
  for (let from = 0; from < parts.length; from += BATCH_LIMIT) {
    let waiting: readonly BatchPart[] = parts.slice(from, from + BATCH_LIMIT);
    for (let attempt = 1; waiting.length > 0; attempt += 1) {
      const sending = sendOnce(transport, waiting, what);
      // What an earlier round answered is not lost by a later one's failure: the parts stay as they failed before.
      const answered = await (attempt === 1 ? sending : sending.catch(() => null));
      if (!answered) break;
      for (const [id, answer] of answered) answers.set(id, answer);
      const again = waiting.filter((part) => isRetryable(answers.get(part.id)));
      const waitMs = Math.max(...again.map((part) => waitOf(answers.get(part.id), attempt)), 0);
      if (attempt === TRIES || waitMs > LONGEST_WAIT_MS) break;
      if (again.length > 0) await wait(waitMs);
      waiting = again;
    }
  }
  return answers;
}

const isRetryable = (answer: BatchAnswer | undefined): boolean =>
  answer !== undefined && 'failure' in answer && answer.failure.retryable;

const waitOf = (answer: BatchAnswer | undefined, attempt: number): number =>
  (answer && 'failure' in answer ? answer.failure.retryAfterMs : undefined) ?? 250 * 2 ** attempt;

async function sendOnce(
  transport: Transport,
  parts: readonly BatchPart[],
  what: string,
): Promise<Map<string, BatchAnswer>> {
  const requests = parts.map(({ body, ...part }) =>
    body ? { ...part, body, headers: { 'Content-Type': 'application/json' } } : part,
  );
  const { body, observedAt } = await transport({ method: 'POST', path: '/$batch', body: { requests }, what });
  const parsed = answerShape.safeParse(body);
  if (!parsed.success)
    throw new Failure('graph.malformed', `${what}: the batch's answer holds no responses`, { retryable: true });
  const answers = new Map<string, BatchAnswer>();
  for (const { id, status, headers, body: inner } of parsed.data.responses) {
    if (status < 300) answers.set(id, { observedAt, body: inner ?? null });
    else
      answers.set(id, {
        observedAt,
        failure: toFailure({ status, body: inner, retryAfterMs: retryAfterOf(headers), what }),
      });
  }
  for (const { id } of parts)
    if (!answers.has(id)) {
      const failure = new Failure('graph.malformed', `${what}: a part of the batch was not answered`, {
        retryable: true,
      });
      answers.set(id, { observedAt, failure });
    }
  return answers;
}
