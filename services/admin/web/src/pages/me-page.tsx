import type { Session } from '../api/session.js';
import { formatInstant, formatWhen } from '../domain/format.js';
import { Card } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';

const ROLES: Record<string, string> = {
  operator: 'Operator: all integrations',
  'tenant-admin': 'Tenant admin: one integration',
  member: 'Member',
};
const BY_KEY = 'You hold a key that was given out here. When the key is taken away, this session ends too.';

export const MePage = () => <Me session={useScope().session} />;

/** Who is signed in here, and why this person may enter. */
export function Me({ session }: { session: Session }) {
  const now = useNow();
  const { name, userPrincipalName, role, gate, integrationName, expiresAt } = session;
  const title = name ?? userPrincipalName ?? 'Signed in without a person';
  return (
    <Page title="Who am I?" lead="Who Muster takes you for, and why you may enter.">
      <Card title={title} id="me">
        <dl class="facts">
          {userPrincipalName != null && (
            <>
              <dt>Sign-in name</dt>
              <dd>{userPrincipalName}</dd>
            </>
          )}
          <dt>Role</dt>
          <dd>{role === undefined ? 'that of the key' : ROLES[role]}</dd>
          {integrationName != null && (
            <>
              <dt>Integration</dt>
              <dd>{integrationName}</dd>
            </>
          )}
          <dt>Why you may enter</dt>
          <dd>{gate?.text ?? BY_KEY}</dd>
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
