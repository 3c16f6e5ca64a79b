import { Load } from '../parts/basics.js';
import { ConsentCard } from './consent-card.js';
import { IntegrationSubpage, useIntegration } from './integration-subpage.js';
import { RightsCard } from './rights-card.js';

/** What the app may really do in one tenant, and the way to more. */
export function PermissionsPage() {
  const { integration } = useIntegration();
  return (
    <IntegrationSubpage
      title="Permissions"
      lead="What Muster may really do, tried out: each right proved or missing, and what it costs to go without."
    >
      <Load query={integration}>
        {(data) => (
          <>
            <RightsCard integration={data} />
            <ConsentCard integration={data} returnTo={location.pathname} />
          </>
        )}
      </Load>
    </IntegrationSubpage>
  );
}
