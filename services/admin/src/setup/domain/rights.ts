import { PERMISSIONS, type IntegrationSettings } from '@muster/contracts';

export type RightFeature = 'userSync' | 'mfaVerification' | 'groupNotifications';
export type RightVerdict = {
  permission: string;
  state: 'proved' | 'missing';
  feature: RightFeature;
  /** Without it the feature does not work; else it only works less well. */
  needed: boolean;
  costs: string;
};

/** Rights that include another one. https://learn.microsoft.com/graph/permissions-reference */
const INCLUDED_IN: Record<string, readonly string[]> = {
  'User.Read.All': ['User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  'GroupMember.Read.All': [
    'GroupMember.ReadWrite.All',
    'Group.Read.All',
    'Group.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
  'Group.Read.All': ['Group.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
};

const COSTS: Record<string, string> = {
  'User.Read.All': 'People cannot be read, nor watched: no user sync.',
  'GroupMember.Read.All': 'Who is in the chosen group cannot be read.',
  'AuditLog.Read.All': 'The MFA report cannot be read: no MFA verification.',
  'Reports.Read.All': 'Nothing today: the MFA report needs AuditLog.Read.All alone.',
  'Group.Read.All': 'Changes of the group are seen by delta within 15 s, in place of by notification.',
};

type Wanted = Pick<IntegrationSettings, 'features' | 'groupId'>;

const isNeeded = (permission: string, { groupId }: Wanted): boolean =>
  permission === 'GroupMember.Read.All'
    ? groupId !== null
    : permission === 'User.Read.All' || permission === 'AuditLog.Read.All';

type FeaturePermission = readonly [RightFeature, string];

function toWantedPermissions({ features, groupId }: Wanted): FeaturePermission[] {
  const of = (feature: RightFeature, chosen: boolean): FeaturePermission[] =>
    chosen ? PERMISSIONS[feature].map((permission) => [feature, permission]) : [];
  const groupForMfaAlone: FeaturePermission[] =
    !features.userSync && features.mfaVerification && groupId !== null
      ? [['mfaVerification', 'GroupMember.Read.All']]
      : [];
  return [
    ...of('userSync', features.userSync),
    ...of('mfaVerification', features.mfaVerification),
    ...groupForMfaAlone,
    ...of('groupNotifications', features.userSync && groupId !== null),
  ];
}

/** Rights in the token against what the features ask: what each missing one costs. */
export const toRightVerdicts = (granted: readonly string[], wanted: Wanted): RightVerdict[] =>
  toWantedPermissions(wanted).map(([feature, permission]) => {
    const enough = [permission, ...(INCLUDED_IN[permission] ?? [])];
    const state = enough.some((name) => granted.includes(name)) ? 'proved' : 'missing';
    return { permission, state, feature, needed: isNeeded(permission, wanted), costs: COSTS[permission] ?? '' };
  });
