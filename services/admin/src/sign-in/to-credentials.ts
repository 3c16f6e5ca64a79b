import { cloudUrls, type CloudUrls, type IntegrationSettings } from '@muster/contracts';
import type { AppCredentials } from '@muster/graph-client';
import { openActiveProof, type Sealer } from '@muster/store';

export type CredentialOptions = { sealer: Sealer; customCloud: CloudUrls };

/** The integration's own app, its secret opened; use it at once and keep it nowhere. */
export const toCredentials = (
  settings: IntegrationSettings,
  { sealer, customCloud }: CredentialOptions,
): AppCredentials => ({
  tenantId: settings.tenantId,
  clientId: settings.clientId,
  ...openActiveProof(settings, sealer),
  ...cloudUrls(settings.cloud, customCloud),
});
