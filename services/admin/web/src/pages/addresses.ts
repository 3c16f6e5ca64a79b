export const INTEGRATIONS = '/settings/integrations/microsoft-365';
export const setupAddress = (integrationId: string, step = 1): string =>
  `${INTEGRATIONS}/${integrationId}/step-${step}`;
export const secretsAddress = (integrationId: string): string => `${INTEGRATIONS}/${integrationId}/secrets`;
export const permissionsAddress = (integrationId: string): string => `${INTEGRATIONS}/${integrationId}/permissions`;
export const adminsAddress = (integrationId: string): string => `${INTEGRATIONS}/${integrationId}/admins`;
export const personAddress = (userId: string, integrationId?: string): string =>
  `/people/${userId}${integrationId === undefined ? '' : `?integration=${integrationId}`}`;

/** Steps of the dialogue where a verdict's button leads, when it is done here. */
const STEPS: Readonly<Record<string, number>> = {
  'edit-tenant': 1,
  'edit-client': 1,
  'enter-secret': 2,
  'edit-expiry': 2,
  'edit-features': 3,
  consent: 4,
  'sign-in': 4,
  'check-again': 4,
  'edit-group': 5,
};
export const stepOf = (kind: string): number => STEPS[kind] ?? 4;

/** Pages that a notice names, and what their button says. */
const NOTICE_PAGES: Readonly<Record<string, { text: string; toAddress: (integrationId: string) => string }>> = {
  secrets: { text: 'Secrets', toAddress: secretsAddress },
  check: { text: 'Check it', toAddress: (integrationId) => setupAddress(integrationId, 4) },
  permissions: { text: 'Permissions', toAddress: permissionsAddress },
  features: { text: 'Change the features', toAddress: (integrationId) => setupAddress(integrationId, 3) },
  removals: { text: 'Look at them', toAddress: (integrationId) => `/reconciles?integration=${integrationId}` },
  subscriptions: { text: 'Subscriptions', toAddress: (integrationId) => `/subscriptions?integration=${integrationId}` },
  group: { text: 'Choose a group', toAddress: (integrationId) => setupAddress(integrationId, 5) },
  integrations: { text: 'Integrations', toAddress: () => INTEGRATIONS },
};

/** Null: nothing of it is mended here, or by a page that is not known (yet). */
export function noticePage(
  page: string | undefined,
  integrationId: string | null,
): { text: string; href: string } | null {
  const known = page === undefined ? undefined : NOTICE_PAGES[page];
  return known && integrationId !== null ? { text: known.text, href: known.toAddress(integrationId) } : null;
}
