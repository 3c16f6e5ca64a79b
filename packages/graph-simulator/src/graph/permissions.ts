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
  'Application.ReadWrite.OwnedBy': '18a4783c-866b-4cc7-a460-3d5e5662c884',
  'Application.ReadWrite.All': '1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9',
  'Directory.ReadWrite.All': '19dbc75e-c2e2-444c-a770-ec69d8559fc7',
  'Group.ReadBasic.All': '07d67222-3a10-4d3b-9ddc-b8aa43198a00',
  'Group.ReadWrite.All': '62a82d76-70ea-41e2-9197-370581804d09',
  'GroupMember.ReadBasic.All': '8222c640-cae5-4860-8d11-b32cfad95e03',
  'GroupMember.ReadWrite.All': 'dbaae8cf-10b5-4b86-a4a1-f871c94c6695',
  'IdentityRiskyUser.Read.All': 'dc5007c0-2d7d-4c42-879c-2dab87571379',
  'IdentityRiskyUser.ReadWrite.All': '656f6061-f9fe-4807-9708-6a2e0934df76',
  'Organization.Read.All': '498476ce-e0fe-48b0-b801-37ba7e2685c6',
  'User.DeleteRestore.All': 'eccc023d-eccf-4e7b-9683-8813ab36cecc',
  'User.ReadBasic.All': '97235f07-e226-4f63-ace3-39588e11d3a1',
  'User.ReadWrite.All': '741f803b-c850-494e-b5df-cde7c675a1ca',
  'UserAuthenticationMethod.Read.All': '38d9df27-64da-44fd-b7c5-a6fbac20248f',
  'UserAuthenticationMethod.ReadWrite.All': '50483e42-d915-4231-9639-7fdb7fd190e5',
};
