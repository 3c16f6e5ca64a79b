import { cloudUrls, type CloudUrls, type IntegrationSettings } from '@muster/contracts';
import type { AppCredentials } from '@muster/graph-client';
import { openActiveProof, type Sealer } from '@muster/store';

export type OpeningOptions = {
  sealer: Pick<Sealer, 'open'>;
  /** GRAPH_URL and LOGIN_URL, for integrations whose cloud is `custom`. */
  custom: CloudUrls;
};

/**
 * How the integration's app proves itself, opened: call it at the moment of use, keep the result nowhere. Rejects with
 * `seal.no-secret`, `seal.unknown-key` or `seal.broken`.
 */
export function openCredentials(settings: IntegrationSettings, { sealer, custom }: OpeningOptions): AppCredentials {
  const { tenantId, clientId, cloud } = settings;
  return { tenantId, clientId, ...cloudUrls(cloud, custom), ...openActiveProof(settings, sealer) };
}
