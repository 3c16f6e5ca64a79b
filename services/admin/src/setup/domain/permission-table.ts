import type { IntegrationSettings, PermissionTable } from '@muster/contracts';
import { toRightVerdicts } from './rights.js';

export type Probed = {
  outcome: PermissionTable['items'][number]['state'];
  why: PermissionTable['items'][number]['why'];
};
/** What was tried for real; what is not there was not tried. */
export type Probes = Partial<Record<'users' | 'members' | 'report' | 'groupWatch', Probed>>;

/** Which probe proves which right. The others are told by the token alone. */
const PROVED_BY: Readonly<Record<string, keyof Probes>> = {
  'User.Read.All': 'users',
  'GroupMember.Read.All': 'members',
  'AuditLog.Read.All': 'report',
  'Group.Read.All': 'groupWatch',
};

type Wanted = Pick<IntegrationSettings, 'features' | 'groupId' | 'consent'>;

/** Right → proved or missing → what it costs. `granted`: the permissions in the token, where no probe says more. */
export function toPermissionTable(
  wanted: Wanted,
  { granted, probes }: { granted: readonly string[]; probes: Probes },
): PermissionTable['items'] {
  return toRightVerdicts(granted, wanted).map(({ permission, feature, needed, costs, state }) => {
    const by = PROVED_BY[permission];
    const byToken: Probed = { outcome: state, why: state === 'missing' ? 'consent' : null };
    const { outcome, why } = (by && probes[by]) ?? byToken;
    return {
      permission,
      feature,
      needed,
      costs,
      state: outcome,
      why,
      cure: toCure(permission, { outcome, why }, wanted),
    };
  });
}

function toCure(permission: string, { outcome, why }: Probed, { consent }: Wanted): string | null {
  if (outcome === 'proved') return null;
  if (outcome === 'unknown')
    return 'Microsoft did not answer, or something was in the way: prove it again in a minute.';
  switch (why) {
    case 'licence':
      return 'Get a licence for the tenant (Entra ID P1 or P2), or turn MFA verification off.';
    case 'directory-role':
      return 'Give the account that consented the directory role Reports Reader, or use application permissions.';
    case 'consent':
    case null:
      return `Add ${permission} under API permissions (${consent === 'delegated' ? 'Delegated' : 'Application'} permissions), then sign in and consent.`;
  }
}
