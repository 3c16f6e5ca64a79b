import { PERMISSIONS, type IntegrationSettings } from '@muster/contracts';

/** One thing that was proved, or not. `cure` is one sentence that says what to do. */
export type CheckVerdict = { name: CheckName; ok: boolean; detail: string; cure?: string };
export type CheckName = 'tenant' | 'secret' | 'permissions' | 'users' | 'group' | 'mfa-report';

export type RightVerdict = {
  permission: string;
  state: 'proved' | 'missing';
  feature: 'userSync' | 'mfaVerification' | 'groupNotifications';
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

type FeaturePermission = readonly [RightVerdict['feature'], string];

function toWantedPermissions({ features, groupId }: Wanted): FeaturePermission[] {
  const of = (feature: RightVerdict['feature'], chosen: boolean): FeaturePermission[] =>
    chosen ? PERMISSIONS[feature].map((permission) => [feature, permission]) : [];
  const groupForMfaAlone: FeaturePermission[] =
    !features.userSync && features.mfaVerification && groupId !== null
      ? [['mfaVerification', 'GroupMember.Read.All']]
      : [];
  return [
    ...of('userSync', features.userSync),
    ...of('mfaVerification', features.mfaVerification),
    ...groupForMfaAlone,
    ...of('groupNotifications', groupId !== null),
  ];
}

/** Rights in the token against what the features ask: what each missing one costs. */
export const toRightVerdicts = (granted: readonly string[], wanted: Wanted): RightVerdict[] =>
  toWantedPermissions(wanted).map(([feature, permission]) => {
    const enough = [permission, ...(INCLUDED_IN[permission] ?? [])];
    const state = enough.some((name) => granted.includes(name)) ? 'proved' : 'missing';
    return { permission, state, feature, needed: isNeeded(permission, wanted), costs: COSTS[permission] ?? '' };
  });

export function toPermissionsCheck(rights: readonly RightVerdict[]): CheckVerdict {
  const missing = rights.filter(({ state, needed }) => needed && state === 'missing');
  if (missing.length === 0)
    return { name: 'permissions', ok: true, detail: 'Every right that the chosen features need is granted.' };
  const names = [...new Set(missing.map(({ permission }) => permission))].join(', ');
  return {
    name: 'permissions',
    ok: false,
    detail: `Missing: ${names}.`,
    cure: 'In Entra, App registrations › API permissions, add what is missing as application permissions and press Grant admin consent.',
  };
}

export type GroupFacts = { displayName: string | null; people: number; nestedGroups: number; complete: boolean } | null;

export function toGroupCheck(group: GroupFacts): CheckVerdict {
  if (group === null)
    return {
      name: 'group',
      ok: false,
      detail: 'There is no group with this id in the tenant.',
      cure: 'Copy the Object ID of the group in Entra, Groups, or set groupId to null for everyone.',
    };
  const count = `${group.complete ? '' : 'at least '}${group.people} ${group.people === 1 ? 'person' : 'people'}`;
  const nested = group.nestedGroups === 0 ? '' : `, ${group.nestedGroups} nested group(s) included`;
  const detail = `The group holds ${count}${nested}.`;
  if (group.people > 0 || !group.complete) return { name: 'group', ok: true, detail };
  return {
    name: 'group',
    ok: false,
    detail,
    cure: 'Add people to the group in Entra; with nobody in it, nobody is in scope.',
  };
}

/** What Microsoft said of the sign-in: which of our three values it speaks about. */
export function toSignInChecks(
  refusal: { aadsts: number | null; detail: string; cure: string } | null,
): CheckVerdict[] {
  if (refusal === null)
    return [
      { name: 'tenant', ok: true, detail: 'The tenant is there and knows the app.' },
      { name: 'secret', ok: true, detail: 'The client secret works.' },
    ];
  const { aadsts, detail, cure } = refusal;
  const aboutSecret = aadsts !== null && [7000215, 7000222].includes(aadsts);
  return aboutSecret
    ? [
        { name: 'tenant', ok: true, detail: 'The tenant is there and knows the app.' },
        { name: 'secret', ok: false, detail, cure },
      ]
    : [{ name: 'tenant', ok: false, detail, cure }];
}
