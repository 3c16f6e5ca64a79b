import type { DirectoryUser, IntegrationSettings, UserDocument, UserFacts } from '@muster/contracts';

export type GateReason =
  'in-group' | 'in-tenant' | 'disabled' | 'deleted' | 'out-of-scope' | 'guest' | 'not-active' | 'user-sync-off';
/** May this person enter, and why. `asOf`: when the read behind it began. */
export type GateVerdict = {
  allowed: boolean;
  why: GateReason;
  groupPath: string[];
  by: 'projection' | 'graph' | 'settings';
  asOf: string;
};

type GateSettings = Pick<IntegrationSettings, 'groupId' | 'includeGuests'>;

const no = (why: GateReason, rest: Pick<GateVerdict, 'by' | 'asOf'>): GateVerdict => ({
  allowed: false,
  why,
  groupPath: [],
  ...rest,
});

/** A group says by itself which guests may enter. */
const isUnwantedGuest = ({ userType }: Pick<DirectoryUser, 'userType'>, settings: GateSettings): boolean =>
  settings.groupId === null && !settings.includeGuests && userType?.toLowerCase() === 'guest';

/** Without User Sync nobody keeps who may enter: then nobody may, whatever the rights of the app would let it ask. */
export const judgeSettings = ({ features }: Pick<IntegrationSettings, 'features'>, now: Date): GateVerdict | null =>
  features.userSync ? null : no('user-sync-off', { by: 'settings', asOf: now.toISOString() });

/** By the projection: the document says it, whatever the reason is called. */
export function judgeDocument(document: UserDocument, settings: GateSettings): GateVerdict {
  const { status, ssoEnabled, groupPath, observedAt } = document;
  const rest = { by: 'projection', asOf: observedAt } as const;
  if (status !== 'active') return no(status, rest);
  if (!ssoEnabled) return no('not-active', rest);
  // Guests were turned off a moment ago, and the read that takes them out is still under way.
  if (isUnwantedGuest(document, settings)) return no('guest', rest);
  return { allowed: true, why: settings.groupId === null ? 'in-tenant' : 'in-group', groupPath, ...rest };
}

/**
 * Whether what a document says of being in or out of the group is of the chosen one: another may have been chosen since, or none
 * for a while, and it is not told yet. Before facts were kept nobody can say.
 */
export function isOfChosenGroup(
  { allowed, why }: Pick<GateVerdict, 'allowed' | 'why'>,
  facts: Pick<UserFacts, 'membership'> | null,
  { groupId }: GateSettings,
): boolean {
  if (groupId === null || facts === null || !(allowed || why === 'out-of-scope')) return true;
  return facts.membership?.groupId === groupId && facts.membership.inGroup === allowed;
}

/** A person as Graph was asked: null is gone; `inGroup` null: there is no group to be in. */
export type AskedPerson = { user: DirectoryUser | null; inGroup: boolean | null; observedAt: string };

/** By Graph itself, with the same rules as the projector's. */
export function judgeAsked({ user, inGroup, observedAt }: AskedPerson, settings: GateSettings): GateVerdict {
  const rest = { by: 'graph', asOf: observedAt } as const;
  if (user === null) return no('deleted', rest);
  if (user.accountEnabled === false) return no('disabled', rest);
  if (isUnwantedGuest(user, settings)) return no('guest', rest);
  if (settings.groupId === null) return { allowed: true, why: 'in-tenant', groupPath: [], ...rest };
  // By which way, that answer does not say.
  return inGroup === true ? { allowed: true, why: 'in-group', groupPath: [], ...rest } : no('out-of-scope', rest);
}

const WORDS: Record<GateReason, string> = {
  'in-group': 'The account is active and in the chosen group.',
  'in-tenant': 'The account is active; everyone of the tenant may enter.',
  disabled: 'The account is disabled.',
  deleted: 'The account was deleted.',
  'out-of-scope': 'The account is not in the group that may enter.',
  guest: 'Guests may not enter.',
  'not-active': 'The account may not sign in.',
  'user-sync-off': 'Signing in here needs User Sync, which is off.',
};
export const toGateWords = ({ why }: GateVerdict): string => WORDS[why];
