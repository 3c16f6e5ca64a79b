import { formatInstant, formatWhen } from '../domain/format.js';
import { Card } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';

const ROLES: Record<string, string> = {
  operator: 'Operator: all integrations',
  'tenant-admin': 'Tenant admin: one integration',
};

/** Who is signed in here, and why this person may enter. */
export function MePage() {
  const now = useNow();
  const { session, status } = useScope();
  const { name, role, why, integrationId, expiresAt } = session;
  const integration = status.data?.integrations.find((one) => one.integrationId === integrationId);
  return (
    <Page title="Who am I?" lead="Who Muster takes you for, and why you may enter.">
      <Card title={name ?? 'Signed in by an API key'}>
        <dl class="facts">
          <dt>Role</dt>
          <dd>{role === undefined ? 'that of the key' : (ROLES[role] ?? role)}</dd>
          {integration && (
            <>
              <dt>Integration</dt>
              <dd>{integration.name}</dd>
            </>
          )}
          <dt>Why you may enter</dt>
          <dd>{why ?? 'You hold a key that was given out here. When the key is taken away, this session ends too.'}</dd>
          {expiresAt != null && (
            <>
              <dt>Session ends</dt>
              <dd>
                {formatWhen(expiresAt, now)} <span class="soft">({formatInstant(expiresAt, now)})</span>
              </dd>
            </>
          )}
        </dl>
      </Card>
    </Page>
  );
}
