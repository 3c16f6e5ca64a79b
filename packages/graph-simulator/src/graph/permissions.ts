/** Sets of application permissions that open an operation; the least first (contract 1.7). */
type AnyOf = readonly (readonly string[])[];

const USERS = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const GROUPS = ['Group.Read.All', 'Group.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const MEMBERS = ['GroupMember.Read.All', 'GroupMember.ReadWrite.All', ...GROUPS];
const one = (names: readonly string[]): AnyOf => names.map((name) => [name]);

export const READ_USERS = one(['User.ReadBasic.All', ...USERS]);
export const READ_USER_PROPERTIES = one(USERS);
export const READ_GROUPS = one(MEMBERS);
export const READ_GROUP_DELTA = one(['Group.ReadBasic.All', ...MEMBERS]);
export const READ_MEMBERS = one(['GroupMember.ReadBasic.All', ...MEMBERS]);
export const CHECK_MEMBER_GROUPS: AnyOf = [
  ...['User.ReadBasic.All', 'User.Read.All'].flatMap((user) =>
    ['GroupMember.Read.All', 'Group.Read.All'].map((group) => [user, group]),
  ),
  ['Directory.Read.All'],
  ['Directory.ReadWrite.All'],
];
export const READ_OBJECTS = one(['User.ReadBasic.All', ...new Set([...USERS, ...MEMBERS])]);
export const READ_REPORTS = one(['AuditLog.Read.All']);
/** The old reports of beta. */
export const READ_OLD_REPORTS = one(['Reports.Read.All']);
export const READ_RISKY_USERS = one(['IdentityRiskyUser.Read.All', 'IdentityRiskyUser.ReadWrite.All']);
export const READ_APPLICATIONS = one([
  'Application.Read.All',
  'Application.ReadWrite.OwnedBy',
  'Application.ReadWrite.All',
  'Directory.Read.All',
]);
export const READ_ORGANIZATION = one(['Organization.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All']);
// Group subscriptions do not accept GroupMember.Read.All (contract 1.7).
export const WATCH = { users: one(USERS), groups: one(GROUPS) } as const;

export const WRITE_USERS = one(['User.ReadWrite.All', 'Directory.ReadWrite.All']);
export const DELETE_OR_RESTORE_USERS = one(['User.DeleteRestore.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All']);
export const WRITE_GROUPS = one(['Group.ReadWrite.All', 'Directory.ReadWrite.All']);
export const READ_METHODS = one(['UserAuthenticationMethod.Read.All', 'UserAuthenticationMethod.ReadWrite.All']);

export const opens = (anyOf: AnyOf, roles: ReadonlySet<string>): boolean =>
  anyOf.some((all) => all.every((role) => roles.has(role)));

/** Application permissions by the id that Graph's service principal gives them (contract 1.7). */
export const PERMISSION_IDS: Readonly<Record<string, string>> = {
  'User.Read.All': 'df021288-bdef-4463-88db-98f22de89214',
  'Group.Read.All': '5b567255-7703-4780-807c-7be8301ae99b',
  'GroupMember.Read.All': '98830695-27a2-44f7-8c18-0c3ebc9698f6',
  'AuditLog.Read.All': 'b0afded3-3588-46d8-8b3d-9842eff778da',
  'Directory.Read.All': '7ab1d382-f21e-4acd-a863-ba3e13f7da61',
  'Reports.Read.All': '230c1aed-a721-4c5d-9cb4-a90514e508ef',
  'Application.Read.All': '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30',
};
