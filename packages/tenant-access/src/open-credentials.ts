import { cloudUrls, type CloudUrls, type IntegrationSettings } from '@muster/contracts';
import type { AppCredentials, AppProof } from '@muster/graph-client';
import { openActiveSecret, toCertificateContext, type Sealer } from '@muster/store';

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
  return { tenantId, clientId, ...cloudUrls(cloud, custom), ...openProof(settings, sealer) };
}

function openProof(settings: IntegrationSettings, sealer: Pick<Sealer, 'open'>): AppProof {
  const { certificate, integrationId } = settings;
  if (!certificate?.inUse) return { clientSecret: openActiveSecret(settings, sealer) };
  const { thumbprintSha256, sealedKey } = certificate;
  const privateKey = sealer.open(sealedKey, toCertificateContext(integrationId));
  return { certificate: { thumbprintSha256, privateKey } };
}
