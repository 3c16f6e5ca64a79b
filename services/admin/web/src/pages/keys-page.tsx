import { call } from '../api/client.js';
import { refresh, useGet } from '../api/queries.js';
import type { ApiKey } from '../domain/api-types.js';
import { formatDate, formatWhen } from '../domain/format.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Empty, Failed, Load, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';
import { NewKey, SCOPES } from './new-key.js';

/** Keys for programs; each is shown once, when it is made. */
export function KeysPage() {
  const keys = useGet<{ items: ApiKey[] }>('/keys');
  return (
    <Page title="API keys" lead="For programs. Kept by hash only: a key is shown once, when it is made.">
      <NewKey />
      <Card title="Keys">
        <Load query={keys}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="No key yet">Only the operator’s first key, from the environment, is in use.</Empty>
            ) : (
              <ul class="list">
                {items.map((key) => (
                  <KeyRow key={key.keyId} apiKey={key} />
                ))}
              </ul>
            )
          }
        </Load>
      </Card>
    </Page>
  );
}

const ROLES = { operator: 'operator', 'tenant-admin': 'tenant admin' } as const;

const toMay = (scopes: readonly string[]): string =>
  scopes.length === Object.keys(SCOPES).length ? 'do everything' : scopes.join(', ');

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const now = useNow();
  const { keyId, name, role, integrationId, scopes = [], createdAt, expiresAt = null, lastUsedAt = null } = apiKey;
  const { status } = useScope();
  const toast = useToast();
  const integration = status.data?.integrations.find((one) => one.integrationId === integrationId);
  const isOver = expiresAt !== null && Date.parse(expiresAt) <= now.getTime();
  const remove = useAction(async () => {
    await call('DELETE', `/keys/${keyId}`);
    toast(`The key “${name}” is taken away; its sessions end too.`);
    await refresh('/keys');
  });
  return (
    <li class="row">
      <span class="wrap">
        <strong>{name}</strong>
        <br />
        <span class="soft small">
          {ROLES[role]}
          {integrationId !== null && ` of ${integration?.name ?? integrationId}`}, may {toMay(scopes)}. Made{' '}
          {formatDate(createdAt)}, {lastUsedAt === null ? 'never used' : `last used ${formatWhen(lastUsedAt, now)}`}
          {expiresAt !== null && `, ends ${formatDate(expiresAt)}`}.
        </span>
      </span>
      {isOver && <Pill word={{ text: 'expired', tone: 'bad' }} />}
      <span class="push">
        <ActionButton action={remove} kind="danger" small>
          Take away<span class="visually-hidden"> {name}</span>
        </ActionButton>
      </span>
      {remove.error && <Failed error={remove.error} />}
    </li>
  );
}
