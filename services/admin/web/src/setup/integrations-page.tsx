import { call } from '../api/client.js';
import { refresh, useGet } from '../api/queries.js';
import type { Integration } from '../domain/api-types.js';
import { daysUntil, formatDate, plural } from '../domain/format.js';
import { toWord, type Word } from '../domain/words.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Empty, Failed, Load, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';
import type { Guide } from './setup-types.js';
import { SignInAddress } from './sign-in-address.js';
import { adminsAddress, INTEGRATIONS, permissionsAddress, secretsAddress, setupAddress } from '../pages/addresses.js';

const CONNECT = (
  <a class="button primary" href={`${INTEGRATIONS}/new`}>
    Connect Microsoft 365
  </a>
);

/** Settings › Integrations › Microsoft 365: all tenants that are connected, and the way to one more. */
export function IntegrationsPage() {
  const { isOperator } = useScope();
  const integrations = useGet<{ items: Integration[] }>('/integrations', { every: 15_000 });
  const hasAny = (integrations.data?.items.length ?? 0) > 0;
  return (
    <Page
      title="Microsoft 365"
      lead="Syncs people and their MFA status, and lets them sign in."
      crumbs={[
        { text: 'Settings', href: INTEGRATIONS },
        { text: 'Integrations', href: INTEGRATIONS },
      ]}
      actions={isOperator && hasAny ? CONNECT : undefined}
    >
      <Load query={integrations}>
        {({ items }) =>
          items.length === 0 ? (
            <section class="card">
              <Empty title="No tenant is connected yet" action={isOperator ? CONNECT : undefined}>
                Five steps: register an app in Entra, make a secret, add permissions, check and consent, choose a group.
                Nothing runs until you start it.
              </Empty>
            </section>
          ) : (
            items.map((one) => <IntegrationCard key={one.integrationId} integration={one} />)
          )
        }
      </Load>
    </Page>
  );
}

/** How long a secret lasts yet, in the colour of its warning. */
export function toSecretWord(expiresAt: string, now: Date): Word {
  const days = daysUntil(expiresAt, now);
  if (days < 0) return { text: 'expired', tone: 'bad' };
  return { text: `${plural(days, 'day')} left`, tone: days <= 14 ? 'bad' : days <= 60 ? 'warn' : 'good' };
}

function IntegrationCard({ integration }: { integration: Integration }) {
  const now = useNow();
  const redirectUri = useGet<Guide>('/setup/guide').data?.redirectUri;
  const { integrationId, name, tenantId, clientId, features, groupId, secret, state, consent } = integration;
  const chosen = [features.userSync && 'user sync', features.mfaVerification && 'MFA verification'].filter(Boolean);
  return (
    <Card title={name} id={`integration-${integrationId}`} aside={<Pill word={toWord(state)} />}>
      <div class="stack">
        <dl class="facts">
          <dt>Tenant</dt>
          <dd>
            <code>{tenantId}</code>
          </dd>
          <dt>Application</dt>
          <dd>
            <code>{clientId}</code>
          </dd>
          <dt>Features</dt>
          <dd>{chosen.join(' and ')}</dd>
          <dt>Permissions</dt>
          <dd>{consent}</dd>
          <dt>Scope</dt>
          <dd>
            {groupId === null ? (
              'everyone'
            ) : (
              <span>
                the people of group <code>{groupId}</code>
              </span>
            )}
          </dd>
          <dt>Secret</dt>
          <dd>
            {secret ? (
              <>
                ends with <code>{secret.hint}</code>, expires {formatDate(secret.expiresAt)}{' '}
                <Pill word={toSecretWord(secret.expiresAt, now)} />
              </>
            ) : (
              'none'
            )}
          </dd>
          {redirectUri !== undefined && (
            <>
              <dt>Sign-in address</dt>
              <dd>
                <SignInAddress {...{ redirectUri, integrationId }} userSync={features.userSync} />
              </dd>
            </>
          )}
        </dl>
        <div class="row">
          <a class="button" href={setupAddress(integrationId, state === 'draft' ? 4 : 1)}>
            {state === 'draft' ? 'Go on with the setup' : 'Setup'}
            <span class="visually-hidden"> of {name}</span>
          </a>
          {[
            { text: 'Secrets', href: secretsAddress(integrationId) },
            { text: 'Permissions', href: permissionsAddress(integrationId) },
            { text: 'Administrators', href: adminsAddress(integrationId) },
          ].map(({ text, href }) => (
            <a key={text} class="button" href={href}>
              {text}
              <span class="visually-hidden"> of {name}</span>
            </a>
          ))}
          {state !== 'draft' && <PauseOrStart integration={integration} />}
        </div>
      </div>
    </Card>
  );
}

function PauseOrStart({ integration: { integrationId, state, name } }: { integration: Integration }) {
  const toast = useToast();
  const verb = state === 'active' ? 'pause' : 'start';
  const change = useAction(async () => {
    await call('POST', `/integrations/${integrationId}/${verb}`);
    toast(verb === 'pause' ? `${name} is paused; its subscriptions stay.` : `${name} runs.`);
    await refresh('/integrations', '/status');
  });
  return (
    <>
      <ActionButton action={change}>
        {verb === 'pause' ? 'Pause' : 'Start'}
        <span class="visually-hidden"> {name}</span>
      </ActionButton>
      {change.error && <Failed error={change.error} />}
    </>
  );
}
