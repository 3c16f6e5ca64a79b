/** A delegated permission of Graph: what the consent page says of it, and who may consent (contract 1.7). */
export type DelegatedPermission = {
  readonly name: string;
  readonly id: string;
  readonly needsAdmin: boolean;
  readonly title: string;
  readonly text: string;
};

const define = (name: string, id: string, words: readonly [title: string, text: string], needsAdmin = true) => ({
  name,
  id,
  needsAdmin,
  title: words[0],
  text: words[1],
});
const open = (name: string, id: string, words: readonly [string, string]) => define(name, id, words, false);

/** Those of OpenID Connect: about the sign-in itself, consented to with anything else. */
const OPENID: readonly DelegatedPermission[] = [
  open('openid', '37f7f235-527c-4136-accd-4a02d197296e', ['Sign you in', 'The app learns that it is you.']),
  open('profile', '14dad69e-099b-42c9-810b-d002981feec1', [
    'See your basic profile',
    'Your name, your sign-in name and your id in this directory.',
  ]),
  open('email', '64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0', ['See your e-mail address', 'Your primary address.']),
  open('offline_access', '7427e0e9-2fba-42fe-b0c0-848c9e6a8182', [
    'Keep access to what you allow here',
    'The app may act for you also while you are not using it. This adds no other permission.',
  ]),
];

const GRAPH: readonly DelegatedPermission[] = [
  open('User.Read', 'e1fe6dd8-ba31-4d61-89e7-88639da4683d', [
    'Sign you in and read your profile',
    'Your profile and basic information about the organisation you belong to.',
  ]),
  open('User.ReadBasic.All', 'b340eb25-3456-403f-be2f-af7a0d370277', [
    "Read everyone's basic profile",
    'Names, sign-in names and addresses of all people in the organisation.',
  ]),
  define('User.Read.All', 'a154be20-db9c-4678-8ab7-66f6cc099a59', [
    "Read everyone's full profile",
    'All profile properties of all people in the organisation, as far as you may read them.',
  ]),
  define('Group.Read.All', '5f8c59db-677d-491f-a6b8-5f174b11ec1d', [
    'Read all groups',
    'Properties, members and content of the groups that you have access to.',
  ]),
  define('GroupMember.Read.All', 'bc024368-1153-4739-b217-4326f2e966d0', [
    'Read who belongs to which group',
    'Basic properties and members of the groups that you have access to.',
  ]),
  define('AuditLog.Read.All', 'e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20', [
    'Read audit data',
    'Sign-in reports, and who has registered which method of multi-factor authentication.',
  ]),
  define('Directory.Read.All', '06da0dbc-49e2-44d2-8312-53f166ab848a', [
    'Read the whole directory',
    'People, groups and apps of the organisation.',
  ]),
  define('Reports.Read.All', '02e97553-ed7b-43d0-ab3c-f8bace0d040c', [
    'Read usage reports',
    'Reports about how services are used in the organisation.',
  ]),
  define('Application.Read.All', 'c79f8feb-a9db-4090-85f9-90d820caa0eb', [
    'Read app registrations',
    'Apps and service principals, with the dates at which their secrets expire.',
  ]),
  define('Group.ReadBasic.All', 'ba1917bc-a64b-4c71-b66d-229d4a520e66', [
    'Read the basic properties of all groups',
    'Names and kinds of the groups that you have access to.',
  ]),
  define('GroupMember.ReadBasic.All', '28539367-358c-4ed9-b7f0-793eccb8fd34', [
    'Read basic group memberships',
    'Who belongs to which of the groups that you have access to, by id.',
  ]),
  define('Organization.Read.All', '4908d5b9-3fb2-4b1e-9336-1888b7937185', [
    'Read the organisation',
    'Its name, domains and licences.',
  ]),
  define('Subscription.Read.All', '5f88184c-80bb-4d52-9ff2-757288b2e9b7', [
    'Read all subscriptions to changes',
    'Which apps are told of changes in this organisation, and where.',
  ]),
  define('UserAuthenticationMethod.Read.All', 'aec28ec7-4d02-4e8c-b864-50163aea77eb', [
    "Read everyone's authentication methods",
    'Which methods of multi-factor authentication people have registered.',
  ]),
  define('IdentityRiskyUser.Read.All', 'd04bb851-cb7c-4146-97c7-ca3e71baf56c', [
    'Read who is at risk',
    'People whose sign-ins look as if somebody else had made them.',
  ]),
];

/** Of these only deleting and restoring has a call here; what they let read is open as with the one above. */
const WRITING: readonly DelegatedPermission[] = [
  define('User.ReadWrite.All', '204e0828-b5ca-4ad8-b9f3-f32a958e7cc4', [
    "Read and change everyone's full profile",
    'All profile properties of all people in the organisation.',
  ]),
  define('User.DeleteRestore.All', '4bb440cd-2cf2-4f90-8004-aa2acd2537c5', [
    'Delete and restore people',
    'Accounts of the people whom you may delete and restore.',
  ]),
  define('Group.ReadWrite.All', '4e46008b-f24c-477d-8fff-7bb4ec7aafe0', [
    'Read and change all groups',
    'Properties, members and content of the groups that you have access to.',
  ]),
  define('GroupMember.ReadWrite.All', 'f81125ac-d3b7-4573-a3b2-7099cc39df9e', [
    'Read and change who belongs to which group',
    'Members of the groups that you have access to.',
  ]),
  define('Directory.ReadWrite.All', 'c5366453-9fb0-48a5-a156-24f0c49a4b84', [
    'Read and change the whole directory',
    'People, groups and apps of the organisation.',
  ]),
  define('Application.ReadWrite.All', 'bdfbf15f-ee85-4955-8675-146e8e5296b5', [
    'Read and change app registrations',
    'Apps and service principals of the organisation.',
  ]),
  define('UserAuthenticationMethod.ReadWrite.All', 'b7887744-6746-4312-813d-72daeaee7e2d', [
    "Read and change everyone's authentication methods",
    'Which methods of multi-factor authentication people have registered.',
  ]),
  define('IdentityRiskyUser.ReadWrite.All', 'e0a7cdbb-08b0-4697-8264-0069786e9674', [
    'Read and decide who is at risk',
    'People whose sign-ins look as if somebody else had made them.',
  ]),
];

const BY_NAME = new Map(
  [...OPENID, ...GRAPH, ...WRITING].map((permission) => [permission.name.toLowerCase(), permission]),
);
const OPENID_NAMES: ReadonlySet<string> = new Set(OPENID.map(({ name }) => name));

export const findPermission = (name: string): DelegatedPermission | undefined => BY_NAME.get(name.toLowerCase());

export const isOpenId = (name: string): boolean => OPENID_NAMES.has(name);

/** What an app may do by itself, without anybody signed in; the names are those of `roles`. */
const APPLICATION_WORDS: Readonly<Record<string, readonly [title: string, text: string]>> = {
  'User.Read.All': ["Read everyone's full profile", 'All profile properties of all people, at any time.'],
  'User.ReadBasic.All': ["Read everyone's basic profile", 'Names and addresses of all people, at any time.'],
  'Group.Read.All': ['Read all groups', 'Properties, members and content of every group, at any time.'],
  'GroupMember.Read.All': ['Read who belongs to which group', 'Members of every group, at any time.'],
  'AuditLog.Read.All': [
    'Read audit data',
    'Sign-in reports, and who has registered which method of multi-factor authentication.',
  ],
  'Directory.Read.All': ['Read the whole directory', 'People, groups and apps, at any time.'],
  'Reports.Read.All': ['Read usage reports', 'Reports about how services are used in the organisation.'],
  'Application.Read.All': ['Read app registrations', 'Apps, with the dates at which their secrets expire.'],
  'Organization.Read.All': ['Read the organisation', 'Its name, domains and licences.'],
};

export const describeRole = (name: string): { title: string; text: string } => {
  const [title, text] = APPLICATION_WORDS[name] ?? [
    name,
    'The app may do this at any time, without anybody signed in.',
  ];
  return { title, text };
};
