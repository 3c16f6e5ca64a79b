import type { CloudName, SetupActionKind } from '@muster/contracts';

const PORTALS: Record<CloudName, string | null> = {
  global: 'https://portal.azure.com',
  'us-gov-l4': 'https://portal.azure.us',
  'us-gov-l5': 'https://portal.azure.us',
  china: 'https://portal.azure.cn',
  custom: null,
};

/** Blades of the Azure portal; `{app}` stands for the client id. */
const BLADES: Partial<Record<SetupActionKind, string>> = {
  'open-app': 'Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/{app}',
  'open-authentication': 'Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Authentication/appId/{app}',
  'open-secrets': 'Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Credentials/appId/{app}',
  'open-permissions': 'Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/CallAnAPI/appId/{app}',
  'open-enterprise-app': 'Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview',
  'open-roles': 'Microsoft_AAD_IAM/RolesManagementMenuBlade/~/AllRoles',
  'open-groups': 'Microsoft_AAD_IAM/GroupsManagementMenuBlade/~/AllGroups',
  'open-conditional-access': 'Microsoft_AAD_ConditionalAccess/ConditionalAccessBlade/~/Policies',
};
const REGISTRATIONS = 'Microsoft_AAD_RegisteredApps/ApplicationsListBlade';

/** Where a button leads in Entra; null = it works here, or Entra has no page for it. */
export function toEntraLink(
  kind: SetupActionKind,
  { cloud, clientId }: { cloud: CloudName; clientId: string | null },
): string | null {
  const portal = PORTALS[cloud];
  const blade = BLADES[kind];
  if (portal === null || blade === undefined) return null;
  if (clientId === null && blade.includes('{app}')) return `${portal}/#view/${REGISTRATIONS}`;
  return `${portal}/#view/${blade.replace('{app}', encodeURIComponent(clientId ?? ''))}`;
}
