/**
 * Quarantine of one tenant. `closed`: calls go through. `open`: refused on our side until `until`. After that one
 * call goes as a probe (`probing`), and its outcome closes or opens again, for longer. `setAt`: when `until` was set.
 */
export type Circuit =
  | { state: 'closed'; faults: number; since: number }
  | { state: 'open'; trouble: Trouble; since: number; setAt: number; until: number; count: number }
  | { state: 'probing'; trouble: Trouble; since: number; setAt: number; until: number; count: number };

/**
 * `refused`: the secret or the consent is no good, and asking again makes it no better. `consent`: the same, known
 * without asking Entra. `storm`: 429 or 5xx.
 */
export type Trouble = { kind: 'refused' | 'consent' | 'storm'; retryAfterMs: number };
export type Verdict = { circuit: Circuit; admitted: boolean; retryAfterMs: number };

/** So many faults in a row, within FAULTS_WITHIN_MS, are a storm; one long Retry-After is one, too. */
const FAULTS = 5;
const FAULTS_WITHIN_MS = 60_000;
const LONG_RETRY_AFTER_MS = 5_000;
const PAUSES: Record<Trouble['kind'], { first: number; longest: number }> = {
  // Not much longer than an admin waits who has mended it at Microsoft, where no new secret tells us so.
  refused: { first: 5_000, longest: 120_000 },
  consent: { first: 2_000, longest: 15_000 },
  storm: { first: 1_000, longest: 15_000 },
};
/** A probe that never ends is not waited for. */
const PROBE_LIMIT_MS = 60_000;

export const CLOSED: Circuit = { state: 'closed', faults: 0, since: 0 };

/** May a call go now? Of many that ask when the time is up, one is the probe. */
export function admit(circuit: Circuit, now: number): Verdict {
  if (circuit.state === 'closed') return { circuit, admitted: true, retryAfterMs: 0 };
  // Before it was set: the clock was set back, so how much of the pause is left cannot be told.
  if (now >= circuit.setAt && now < circuit.until)
    return { circuit, admitted: false, retryAfterMs: circuit.until - now };
  const probing = { ...circuit, state: 'probing', setAt: now, until: now + PROBE_LIMIT_MS } as const;
  return { circuit: probing, admitted: true, retryAfterMs: 0 };
}

/** A good answer ends every quarantine. */
export const onWell = (circuit: Circuit, now: number): Circuit =>
  circuit.state === 'closed' && circuit.faults === 0 ? circuit : { ...CLOSED, since: now };

export function onTrouble(circuit: Circuit, trouble: Trouble, now: number): Circuit {
  if (circuit.state === 'open') {
    // Calls that were under way when it opened.
    const until = Math.max(circuit.until, now + trouble.retryAfterMs);
    return until === circuit.until ? circuit : { ...circuit, setAt: now, until };
  }
  if (circuit.state === 'probing') return open(trouble, { since: circuit.since, count: circuit.count + 1, now });
  const isFresh = circuit.faults === 0 || now - circuit.since > FAULTS_WITHIN_MS;
  const faults = isFresh ? 1 : circuit.faults + 1;
  const isStorm = faults >= FAULTS || trouble.retryAfterMs > LONG_RETRY_AFTER_MS;
  if (trouble.kind !== 'storm' || isStorm) return open(trouble, { since: now, count: 1, now });
  return { state: 'closed', faults, since: isFresh ? now : circuit.since };
}

type Opening = { since: number; count: number; now: number };

function open(trouble: Trouble, { since, count, now }: Opening): Circuit {
  const { first, longest } = PAUSES[trouble.kind];
  const pause = Math.min(longest, first * 2 ** (count - 1));
  return { state: 'open', trouble, since, count, setAt: now, until: now + Math.max(pause, trouble.retryAfterMs) };
}
