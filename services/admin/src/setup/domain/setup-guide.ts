import { PERMISSIONS, type IntegrationSettings } from '@muster/contracts';

/** What an admin types into Entra, and where; the lines follow the manual's five steps. */
export const APP_NAME = 'Muster';
export const REDIRECT_PATH = '/oauth2callback/microsoft';
export const toRedirectUri = (publicUrl: string): string => `${publicUrl}${REDIRECT_PATH}`;

export type GuideLine = { text: string; copy: string | null };
export type GuideStep = { number: number; title: string; lines: GuideLine[] };
export type GuidePermission = {
  feature: keyof typeof PERMISSIONS;
  permission: string;
  needed: boolean;
  why: string;
};
export type ConsentKind = IntegrationSettings['consent'];

export const FEATURE_TITLES: Record<keyof typeof PERMISSIONS, string> = {
  userSync: 'User Sync',
  mfaVerification: 'MFA Verification',
  groupNotifications: 'Group changes at once (optional)',
};

const WHY: Record<string, string> = {
  'User.Read.All': 'Reads who works there and watches for changes.',
  'GroupMember.Read.All': 'Reads who is in the chosen group; not needed while everyone is in scope.',
  'AuditLog.Read.All': 'Reads the report that says who has registered MFA.',
  'Reports.Read.All': 'Asked for by the manual; Microsoft Graph answers without it today.',
  'Group.Read.All': 'Lets Microsoft notify us of group changes; without it they are seen within 15 s.',
};
const OPTIONAL = new Set(['Reports.Read.All', 'Group.Read.All']);

export const CLICK_PATHS: Record<ConsentKind, readonly string[]> = {
  delegated: ['API permissions', '+ Add a permission', 'Microsoft Graph', 'Delegated permissions'],
  application: ['API permissions', '+ Add a permission', 'Microsoft Graph', 'Application permissions'],
};

export const CONSENT_TRADE: Record<ConsentKind, { title: string; good: string; bad: string }> = {
  delegated: {
    title: 'Delegated permissions: Muster acts on behalf of the admin who signs in',
    good: 'As in the manual; the admin may take it back like any other sign-in.',
    bad: 'It ends when that account is disabled, its sign-ins are revoked or nothing is asked for 90 days; the MFA report also needs a directory role (Reports Reader) of that account.',
  },
  application: {
    title: 'Application permissions: Muster acts as itself',
    good: 'It hangs on nobody’s account, needs no directory role, and goes on when the admin leaves.',
    bad: 'It needs admin consent for the whole tenant, once.',
  },
};

type Chosen = Pick<IntegrationSettings, 'features' | 'groupId'>;
type Wanted = Chosen & { redirectUri: string; consent: ConsentKind };

/** What is ticked in Entra, and consented to. */
export function listPermissions({ features, groupId }: Chosen): GuidePermission[] {
  const toLine = (feature: keyof typeof PERMISSIONS, permission: string): GuidePermission => ({
    ...{ feature, permission, needed: !OPTIONAL.has(permission), why: WHY[permission] ?? '' },
  });
  const of = (feature: keyof typeof PERMISSIONS): GuidePermission[] =>
    PERMISSIONS[feature].map((permission) => toLine(feature, permission));
  // The group may be chosen after the consent, which then need not be repeated.
  const groupForMfaAlone =
    features.mfaVerification && !features.userSync
      ? [{ ...toLine('mfaVerification', 'GroupMember.Read.All'), needed: groupId !== null }]
      : [];
  return [
    ...(features.userSync ? of('userSync') : []),
    ...(features.mfaVerification ? of('mfaVerification') : []),
    ...groupForMfaAlone,
    // MFA verification alone reads the group with the report, and watches nothing.
    ...(features.userSync ? of('groupNotifications') : []),
  ];
}

/**
 * What a delegated consent asks for; openid, profile and offline_access come by themselves. The optional ones too: a
 * consent that is repeated for one that is missing must bring it.
 */
export const toConsentScopes = (chosen: Chosen): string[] =>
  listPermissions(chosen).map(({ permission }) => permission);

/** The least that the chosen features work with; narrower than the manual's list. */
export const toLeastPrivilege = (
  features: IntegrationSettings['features'],
  { hasGroup }: { hasGroup: boolean },
): string[] => [
  ...(features.userSync ? ['User.Read.All'] : []),
  ...(hasGroup ? ['GroupMember.Read.All'] : []),
  ...(features.mfaVerification ? ['AuditLog.Read.All'] : []),
];

const say = (text: string, copy: string | null = null): GuideLine => ({ text, copy });

export function toGuideSteps({ redirectUri, features, groupId, consent }: Wanted): GuideStep[] {
  const kind = consent === 'delegated' ? 'Delegated permissions' : 'Application permissions';
  const permissions = listPermissions({ features, groupId });
  return [
    {
      number: 1,
      title: 'Add an App Registration to Entra ID within Azure',
      lines: [
        say('Navigate to Entra ID within Azure.'),
        say('On the left menu select App registrations.'),
        say('Click + New registration.'),
        say('Add the Name.', APP_NAME),
        say(
          'Under Supported account types, select “Accounts in this organisational directory only (Default Directory only - Single tenant)”.',
        ),
        say('Under Redirect URI, select “Web” and enter:', redirectUri),
        say('Press the Register button.'),
        say('Copy the Application (client) ID and paste it into the field here.'),
        say('Copy the Directory (tenant) ID and paste it into the field here.'),
      ],
    },
    {
      number: 2,
      title: 'Creating a secret for app authentication',
      lines: [
        say('On the left menu, select Certificates & secrets.'),
        say('Under the Client secrets tab, click + New client secret.'),
        say(
          'Set the expiry to the maximum duration (at least 365 days (12 months)). Before it expires, a new one is entered beside it; nothing has to be installed anew.',
        ),
        say('Press the Add button to complete.'),
        say('Copy the Client secret value (not the Secret ID) and paste it into the field here, with its expiry date.'),
      ],
    },
    {
      number: 3,
      title: 'Setting up API permissions',
      lines: [
        say('On the left menu, select API permissions.'),
        say('Click + Add a permission.'),
        say('Select the large Microsoft Graph button from the top right corner of the screen.'),
        say(`Then choose ${kind}.`),
        ...permissions.map(({ permission, needed, feature }) =>
          say(
            `${FEATURE_TITLES[feature]}: search for ${permission} and tick the checkbox${needed ? '' : ' (optional)'}.`,
            permission,
          ),
        ),
        say('Press the Add permissions button to complete.'),
      ],
    },
    {
      number: 4,
      title: 'Check and Complete Integration',
      lines: [
        say(
          'Back in Muster, check in Settings › Integrations › Microsoft 365 to confirm you have pasted the 3 values correctly before continuing to log in.',
        ),
        say('Press Check here: client id, tenant id and secret are tried against your tenant.'),
        say(
          consent === 'delegated'
            ? 'Sign in and consent to the permissions that you have just set up.'
            : 'Sign in as an administrator and consent for the whole tenant to the permissions that you have just set up.',
        ),
      ],
    },
    {
      number: 5,
      title: 'Limit User Access by Group',
      lines: [
        say('Navigate to Entra ID within Azure.'),
        say('Select Groups from the left menu.'),
        say('Click on the group you want to sync, or create a new group and add the desired users.'),
        say('Copy the Object ID.'),
        say('Paste this value into the Group ID field here; leave it empty for everyone.'),
      ],
    },
  ];
}
