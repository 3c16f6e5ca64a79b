import type { Failure } from '@muster/contracts';
import { z } from 'zod';
import type { GraphAnswer, GraphRequest } from './microsoft-graph.js';
import { readRetryAfter, toFailure } from './to-failure.js';

/**
 * What the parts of a batch say of the tenant; the outer answer is 200 whatever became of them. `failure`: no part was
 * answered, as if a single call had failed so. `throttledMs`: the longest Retry-After of the throttled parts, null = none.
 */
export type BatchOutcome = { failure: Failure | null; throttledMs: number | null };

const batchShape = z.object({
  responses: z.array(
    z.object({
      status: z.int(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});
type Part = z.infer<typeof batchShape>['responses'][number];

/** Where Graph gives no Retry-After. */
const USUAL_RETRY_AFTER_MS = 1_000;
const NOTHING: BatchOutcome = { failure: null, throttledMs: null };

export function readBatchOutcome({ path, what }: GraphRequest, { body }: GraphAnswer): BatchOutcome {
  if (!path.endsWith('/$batch')) return NOTHING;
  const parts = batchShape.safeParse(body).data?.responses ?? [];
  const throttled = parts.filter(isThrottled);
  const throttledMs = longest(throttled.map((part) => retryAfterOf(part.headers) ?? USUAL_RETRY_AFTER_MS));
  const worst = findWorst(parts);
  if (!worst) return { failure: null, throttledMs };
  const retryAfterMs = longest(parts.map(({ headers }) => retryAfterOf(headers) ?? 0)) || undefined;
  return { failure: toFailure({ status: worst.status, body: worst.body, retryAfterMs, what }), throttledMs };
}

/** The part that stands for all; none where one was answered, or was refused for what was asked. */
function findWorst(parts: readonly Part[]): Part | undefined {
  if (parts.every(({ status }) => status === 401)) return parts[0];
  const away = parts.filter(({ status }) => status >= 500 || status === 408);
  const isAll = parts.every((part) => isThrottled(part) || away.includes(part));
  return isAll ? (away[0] ?? parts[0]) : undefined;
}

const isThrottled = ({ status }: Part): boolean => status === 429;
const longest = (waits: readonly number[]): number | null => (waits.length === 0 ? null : Math.max(...waits));

export function retryAfterOf(headers: Record<string, string> | null | undefined): number | undefined {
  const entry = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'retry-after');
  return readRetryAfter(entry?.[1], Date.now());
}
