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
];

const BY_NAME = new Map([...OPENID, ...GRAPH].map((permission) => [permission.name.toLowerCase(), permission]));
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
