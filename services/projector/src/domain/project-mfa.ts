import { toMfaState, type MfaDocument, type MfaFacts, type MfaRegistration } from '@muster/contracts';
import { changedFields, later, outranks, type Source } from './compare.js';
import type { Scope } from './scope.js';

/** Null: a complete report does not have the person. */
export type SeenMfa = { userId: string; observedAt: string; source: Source; row: MfaRegistration | null };
export type KnownMfa = { document: MfaDocument; facts: MfaFacts | null };

export type MfaVerdict =
  | { kind: 'ignore' }
  | { kind: 'touch'; observedAt: string; facts: MfaFacts }
  | { kind: 'write'; document: MfaDocument; facts: MfaFacts; changed: string[] };

/** The report's own date says nothing of the person, so it alone is no change. */
export const MFA_COMPARED = [
  'isAdmin',
  'isMfaRegistered',
  'isMfaCapable',
  'isPasswordlessCapable',
  'isSsprRegistered',
  'isSsprEnabled',
  'isSsprCapable',
  'isSystemPreferredAuthenticationMethodEnabled',
  'methodsRegistered',
  'systemPreferredAuthenticationMethods',
  'userPreferredMethodForSecondaryAuthentication',
  'state',
  'stale',
] as const;

/** No data: every flag is false, and `state` says that this means nothing. */
export const emptyRow = (userId: string): MfaRegistration => ({
  userId,
  isAdmin: null,
  isMfaRegistered: false,
  isMfaCapable: false,
  isPasswordlessCapable: false,
  isSsprRegistered: false,
  isSsprEnabled: false,
  isSsprCapable: false,
  isSystemPreferredAuthenticationMethodEnabled: null,
  methodsRegistered: [],
  systemPreferredAuthenticationMethods: [],
  userPreferredMethodForSecondaryAuthentication: null,
  reportedAt: null,
});

/** Of somebody out of scope nothing is filled in again; the row that there is grows stale. */
export const mfaToTake = (
  seen: readonly SeenMfa[],
  { mayKeep, isKnown }: { mayKeep: boolean; isKnown: boolean },
): SeenMfa[] => seen.filter(({ row }) => mayKeep || (isKnown && row === null));

type State = { row: MfaRegistration | null; rowObservedAt: string | null; stale: boolean; observedAt: string };
type Options = { known: KnownMfa | null; seen: readonly SeenMfa[]; scope: Scope; now: Date };

/** The newest row is kept with its date, also when a later report lacks it: then it is stale, never a "no". */
export function projectMfa({ known, seen, scope, now }: Options): MfaVerdict {
  const before = known && toState(known);
  let state = before;
  let advanced = false;
  for (const one of seen) {
    const next = takeIn(state, one);
    if (next === state) continue;
    advanced ||= one.source !== 'full';
    state = next;
  }
  const userId = seen[0]?.userId;
  if (state === null || state === before || userId === undefined) return { kind: 'ignore' };
  const { row, stale, observedAt } = state;
  const facts = { rowObservedAt: state.rowObservedAt };
  const document: MfaDocument = {
    ...(row ?? emptyRow(userId)),
    tenantId: scope.tenantId,
    state: toMfaState(row, { stale }),
    stale,
    revision: (known?.document.revision ?? 0) + 1,
    observedAt,
    changedAt: now.toISOString(),
  };
  const changed = known ? changedFields(known.document, document, MFA_COMPARED) : [...MFA_COMPARED];
  if (changed.length > 0) return { kind: 'write', document, facts, changed };
  return advanced ? { kind: 'touch', observedAt, facts } : { kind: 'ignore' };
}

function toState({ document, facts }: KnownMfa): State {
  const { observedAt, stale } = document;
  const rowObservedAt = facts ? facts.rowObservedAt : document.state === 'unknown' ? null : observedAt;
  return { row: rowObservedAt === null ? null : toRow(document), rowObservedAt, stale, observedAt };
}

function toRow(document: MfaDocument): MfaRegistration {
  const names = Object.keys(emptyRow(document.userId)) as (keyof MfaRegistration)[];
  return Object.fromEntries(names.map((name) => [name, document[name]])) as MfaRegistration;
}

/** The same state when the observation is older than what is known, or a repeat. */
function takeIn(state: State | null, { row, observedAt }: SeenMfa): State {
  if (!state) return { row, rowObservedAt: row && observedAt, stale: row === null, observedAt };
  let next = state;
  if (row && isNewerRow(state, row, observedAt)) next = { ...next, row, rowObservedAt: observedAt };
  const present = observedAt > state.observedAt || (observedAt === state.observedAt && row !== null && state.stale);
  if (present) next = { ...next, stale: row === null, observedAt: later(observedAt, state.observedAt) };
  return next;
}

const isNewerRow = (state: State, row: MfaRegistration, observedAt: string): boolean =>
  state.rowObservedAt === null ||
  observedAt > state.rowObservedAt ||
  (observedAt === state.rowObservedAt && outranks(toOrdered(row), state.row && toOrdered(state.row)));

/** Fields in one order, whoever wrote the row. */
const toOrdered = (row: MfaRegistration): unknown[] =>
  Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1));
