import { USER_PROPERTIES, type MfaDocument, type MfaFacts, type UserDocument, type UserFacts } from '@muster/contracts';
import { changedFields } from './compare.js';
import { emptyRow, MFA_COMPARED, type KnownMfa } from './project-mfa.js';
import { emptyUser, type KnownUser } from './project-user.js';

export type Purged<T, F> = { document: T; facts: F; changed: string[] };

const isGoneOrOut = ({ status }: UserDocument): boolean => status === 'deleted' || status === 'out-of-scope';

/** Ids only, once somebody is gone or out for as long as `before` says; null for anybody else. */
export function purgeUser(
  known: KnownUser | null,
  { before, now }: { before: Date; now: Date },
): Purged<UserDocument, UserFacts> | null {
  if (!known || !isGoneOrOut(known.document) || known.facts?.purgedAt !== undefined) return null;
  if (Date.parse(known.document.changedAt) > before.getTime()) return null;
  const { userId, observedAt, revision } = known.document;
  const at = now.toISOString();
  const document = { ...known.document, ...emptyUser(userId), revision: revision + 1, changedAt: at };
  const facts = known.facts ?? { userObservedAt: observedAt, membership: null };
  const changed = changedFields(known.document, document, USER_PROPERTIES);
  return { document, facts: { ...facts, purgedAt: at }, changed };
}

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
