export const INTEGRATIONS = '/settings/integrations/microsoft-365';
export const setupAddress = (integrationId: string, step = 1): string =>
  `${INTEGRATIONS}/${integrationId}/step-${step}`;
export const secretsAddress = (integrationId: string): string => `${INTEGRATIONS}/${integrationId}/secrets`;
export const permissionsAddress = (integrationId: string): string => `${INTEGRATIONS}/${integrationId}/permissions`;
export const adminsAddress = (integrationId: string): string => `${INTEGRATIONS}/${integrationId}/admins`;
export const personAddress = (userId: string, integrationId?: string): string =>
  `/people/${userId}${integrationId === undefined ? '' : `?integration=${integrationId}`}`;
