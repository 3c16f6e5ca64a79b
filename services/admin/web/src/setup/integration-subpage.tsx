import { useRoute } from 'preact-iso';
import type { ComponentChildren } from 'preact';
import { useGet } from '../api/queries.js';
import type { Integration } from '../domain/api-types.js';
import { Page } from '../parts/page.js';
import { INTEGRATIONS, setupAddress } from '../pages/addresses.js';

export type SubpageProps = { title: string; lead: string; children: ComponentChildren };

/** The integration that the address names. */
export function useIntegration() {
  const integrationId = useRoute().params.integrationId ?? '';
  return { integrationId, integration: useGet<Integration>(`/integrations/${integrationId}`) };
}

/** A page about one side of an integration, below its setup. */
export function IntegrationSubpage({ title, lead, children }: SubpageProps) {
  const { integrationId, integration } = useIntegration();
  return (
    <Page
      title={title}
      lead={lead}
      crumbs={[
        { text: 'Microsoft 365', href: INTEGRATIONS },
        { text: integration.data?.name ?? 'The integration', href: setupAddress(integrationId) },
      ]}
    >
      {children}
    </Page>
  );
}
