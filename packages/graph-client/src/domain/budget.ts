/**
 * One service's part of what Graph allows an app in a tenant, as a token bucket in lanes: a burst plus what refills in
 * one window is never more than the part, whatever window Graph counts in. With a burst of its own it may be, by that
 * burst; in the long run it is not.
 */
export const LANES = ['events', 'delta', 'full'] as const;
/** In falling order: what an event names is read before changes, changes before full reads. */
export type Lane = (typeof LANES)[number];

export type Allowance = {
  /** What this service may use in one window. */
  units: number;
  windowMs: number;
  /** What may go at once; without it a tenth of the units. */
  burst?: number | undefined;
};
export type BudgetState = {
  /** What may be used at once; below zero after a dear call. */
  tokens: number;
  at: number;
  /** 1 = all of the allowance; less while Graph says that the app is near its limit. */
  pace: number;
  /** Graph's Retry-After, by lane. */
  pausedUntil: Record<Lane, number>;
};

/** Share of the allowance that may go at once, where it has no burst of its own; the rest flows. */
const BURST = 0.1;
/** What a lane leaves in the bucket for those above it. */
const RESERVE: Record<Lane, number> = { events: 0, delta: 0.1, full: 0.3 };
const SLOWEST = 0.05;
/** Of the pace, regained in a second without complaint. */
const RECOVERY = 0.02;
/** Graph's own measure of how much of the limit is used, by all of our services together; told from 0.8 on. */
const NEAR_LIMIT = 0.9;

const toBurst = ({ units, burst = units * BURST }: Allowance): number => burst;

export const openBudget = (allowance: Allowance, now: number): BudgetState => ({
  tokens: toBurst(allowance),
  at: now,
  pace: 1,
  pausedUntil: { events: 0, delta: 0, full: 0 },
});

const toRate = ({ units, windowMs }: Allowance, pace: number): number => (units * (1 - BURST) * pace) / windowMs;

export function refill(state: BudgetState, allowance: Allowance, now: number): BudgetState {
  const elapsed = Math.max(0, now - state.at);
  const tokens = Math.min(toBurst(allowance), state.tokens + elapsed * toRate(allowance, state.pace));
  const pace = Math.min(1, state.pace + (elapsed / 1_000) * RECOVERY);
  return { ...state, tokens, pace, at: now };
}

/** How long a lane has to wait from now on, ms; 0 = it may go. */
export function toWait(state: BudgetState, allowance: Allowance, lane: Lane): number {
  const paused = Math.max(0, state.pausedUntil[lane] - state.at);
  const missing = toBurst(allowance) * RESERVE[lane] - state.tokens;
  const flowing = missing < 0 ? 0 : Math.max(1, Math.ceil(missing / toRate(allowance, state.pace)));
  return Math.max(paused, flowing);
}

export const spend = (state: BudgetState, units: number): BudgetState => ({ ...state, tokens: state.tokens - units });

/** Graph refused a call of this lane: it and those below wait; those above go on, at half the pace. */
export function onThrottled(state: BudgetState, lane: Lane, retryAfterMs: number): BudgetState {
  const until = state.at + retryAfterMs;
  const pausedUntil = { ...state.pausedUntil };
  for (const one of LANES.slice(LANES.indexOf(lane))) pausedUntil[one] = Math.max(pausedUntil[one], until);
  return { ...state, pausedUntil, pace: Math.max(SLOWEST, state.pace / 2) };
}

/** `used`: x-ms-throttle-limit-percentage, 1 = at the limit. */
export function onUsed(state: BudgetState, used: number): BudgetState {
  if (used < NEAR_LIMIT) return state;
  return { ...state, pace: Math.max(SLOWEST, state.pace * (used >= 1 ? 0.7 : 0.9)) };
}
