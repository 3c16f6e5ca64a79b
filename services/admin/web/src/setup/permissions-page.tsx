import { useRoute } from 'preact-iso';
import { useGet } from '../api/queries.js';
import type { Integration } from '../domain/api-types.js';
import { Load } from '../parts/basics.js';
import { Page } from '../parts/page.js';
import { INTEGRATIONS, setupAddress } from '../pages/addresses.js';
import { ConsentCard } from './consent-card.js';
import { RightsCard } from './rights-card.js';

/** What the app may really do in one tenant, and the way to more. */
export function PermissionsPage() {
  const integrationId = useRoute().params.integrationId ?? '';
  const integration = useGet<Integration>(`/integrations/${integrationId}`);
  return (
    <Page
      title="Permissions"
      lead="What Muster may really do, tried out: each right proved or missing, and what it costs to go without."
      crumbs={[
        { text: 'Microsoft 365', href: INTEGRATIONS },
        { text: integration.data?.name ?? 'Microsoft 365', href: setupAddress(integrationId) },
      ]}
    >
      <Load query={integration}>
        {(data) => (
          <>
            <RightsCard integration={data} />
            <ConsentCard integration={data} returnTo={location.pathname} />
          </>
        )}
      </Load>
    </Page>
  );
}
