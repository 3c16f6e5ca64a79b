import type { Part } from './part.js';
import { within } from './within.js';

/** Answers null when fine, else the reason in words. */
export type Check = { name: string; check: () => Promise<string | null> };
export type Readiness = { ready: boolean; reasons: { part: string; reason: string }[] };

/** What readiness asks of a part. */
export type StatedPart = Pick<Part, 'name' | 'state'>;

const CHECK_LIMIT_MS = 2_000;

/** Not ready while starting, while stopping, when a part is not running, or when a check says why. */
export async function readReadiness(
  phase: Phase,
  parts: readonly StatedPart[],
  checks: readonly Check[],
): Promise<Readiness> {
  const reasons: Readiness['reasons'] = [];
  if (phase !== 'running') reasons.push({ part: 'service', reason: `is ${phase}` });
  for (const part of parts) {
    const state = part.state?.();
    if (state && state.status !== 'running')
      reasons.push({ part: part.name, reason: `is ${state.status}${state.detail ? `: ${state.detail}` : ''}` });
  }
  const answers = await Promise.all(checks.map((check) => ask(check)));
  for (const [index, reason] of answers.entries())
    if (reason !== null) reasons.push({ part: checks[index]?.name ?? 'check', reason });
  return { ready: reasons.length === 0, reasons };
}

export type Phase = 'starting' | 'running' | 'stopping';

async function ask({ check }: Check): Promise<string | null> {
  try {
    return await within(check(), CHECK_LIMIT_MS, () => `did not answer within ${CHECK_LIMIT_MS} ms`);
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  }
}
