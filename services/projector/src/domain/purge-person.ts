import type {
  IntegrationSettings,
  MfaDocument,
  MfaFacts,
  UserChange,
  UserDocument,
  UserFacts,
} from '@muster/contracts';
import { changedFields } from './compare.js';
import { emptyRow, MFA_COMPARED, type KnownMfa } from './project-mfa.js';
import { emptyUser, USER_COMPARED, type KnownUser } from './project-user.js';

export type Purged<T, F> = { document: T; facts: F; changed: string[] };

const isGoneOrOut = ({ status }: UserDocument): boolean => status === 'deleted' || status === 'out-of-scope';

/**
 * Every integration of the tenant was removed or never started, and none since `before`: its people are nobody's any more.
 */
export function isLeft(
  integrations: readonly Pick<IntegrationSettings, 'tenantId' | 'state' | 'startedAt' | 'updatedAt'>[],
  { tenantId, before }: { tenantId: string; before: Date },
): boolean {
  const own = integrations.filter((one) => one.tenantId === tenantId);
  // What was removed cannot be edited: it was last changed when it was removed.
  return own.every(
    ({ state, startedAt, updatedAt }) =>
      (state === 'removed' || startedAt === null) && Date.parse(updatedAt) <= before.getTime(),
  );
}

export type PurgeWhen = {
  before: Date;
  now: Date;
  /** Nobody serves the tenant any more: everybody is out, too. */
  left?: boolean;
};

/** Ids only, once somebody is gone or out for as long as `before` says; null for anybody else. */
export function purgeUser(
  known: KnownUser | null,
  { before, now, left = false }: PurgeWhen,
): (Purged<UserDocument, UserFacts> & { change: UserChange }) | null {
  if (!known || known.facts?.purgedAt !== undefined) return null;
  const wasOut = isGoneOrOut(known.document);
  if (!left && (!wasOut || Date.parse(known.document.changedAt) > before.getTime())) return null;
  const { userId, observedAt, revision } = known.document;
  const at = now.toISOString();
  const forgotten = { ...known.document, ...emptyUser(userId), revision: revision + 1, changedAt: at };
  const document: UserDocument = wasOut ? forgotten : { ...forgotten, ...OUT };
  const facts = known.facts ?? { userObservedAt: observedAt, membership: null };
  const changed = changedFields(known.document, document, USER_COMPARED);
  return { document, facts: { ...facts, purgedAt: at }, change: wasOut ? 'updated' : 'left-scope', changed };
}

const OUT: Pick<UserDocument, 'status' | 'ssoEnabled' | 'inGroup' | 'groupPath'> = {
  status: 'out-of-scope',
  ssoEnabled: false,
  inGroup: false,
  groupPath: [],
};

/** The row of somebody of whom only ids are kept; null when it says nothing anyway. */
export function purgeMfa(known: KnownMfa | null, now: Date): Purged<MfaDocument, MfaFacts> | null {
  if (!known) return null;
  const { userId, tenantId, observedAt, revision } = known.document;
  const document: MfaDocument = {
    ...emptyRow(userId),
    tenantId,
    state: 'unknown',
    stale: true,
    revision: revision + 1,
    observedAt,
    changedAt: now.toISOString(),
  };
  const changed = changedFields(known.document, document, MFA_COMPARED);
  return changed.length === 0 ? null : { document, facts: { rowObservedAt: null }, changed };
}
