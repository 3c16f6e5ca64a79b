import { useState } from 'preact/hooks';
import type { TargetedSubmitEvent } from 'preact';
import { call, post } from '../api/client.js';
import { refresh, useGet } from '../api/queries.js';
import type { ApiKey } from '../domain/api-types.js';
import { formatDate } from '../domain/format.js';
import { ActionButton, CopyValue, useAction, useToast } from '../parts/actions.js';
import { Card, Empty, Failed, Load, Message } from '../parts/basics.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';

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

function KeyRow({ apiKey: { keyId, name, role, integrationId, createdAt } }: { apiKey: ApiKey }) {
  const { status } = useScope();
  const toast = useToast();
  const integration = status.data?.integrations.find((one) => one.integrationId === integrationId);
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
          {integrationId !== null && ` of ${integration?.name ?? integrationId}`}, made {formatDate(createdAt)}
        </span>
      </span>
      <span class="push">
        <ActionButton action={remove} kind="danger" small>
          Take away<span class="visually-hidden"> {name}</span>
        </ActionButton>
      </span>
      {remove.error && <Failed error={remove.error} />}
    </li>
  );
}

function NewKey() {
  const { status } = useScope();
  const [name, setName] = useState('');
  const [integrationId, setIntegrationId] = useState('');
  const [made, setMade] = useState<string | null>(null);
  const make = useAction(async () => {
    const body = integrationId === '' ? { name, role: 'operator' } : { name, role: 'tenant-admin', integrationId };
    const { key } = await post<{ key: string }>('/keys', body);
    setMade(key);
    setName('');
    await refresh('/keys');
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void make.run();
  };
  return (
    <Card title="New key">
      <form class="stack" onSubmit={submit}>
        <div class="columns">
          <div class="field">
            <label for="key-name">What it is for</label>
            <input
              id="key-name"
              required
              maxLength={120}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </div>
          <div class="field">
            <label for="key-scope">May see</label>
            <select
              id="key-scope"
              value={integrationId}
              onChange={(event) => setIntegrationId(event.currentTarget.value)}
            >
              <option value="">all integrations (operator)</option>
              {(status.data?.integrations ?? []).map((one) => (
                <option key={one.integrationId} value={one.integrationId}>
                  {one.name} only (tenant admin)
                </option>
              ))}
            </select>
          </div>
        </div>
        <p>
          <button type="submit" class="button primary" aria-disabled={make.isRunning}>
            Make a key
          </button>
        </p>
        {make.error && <Failed error={make.error} />}
        {made !== null && (
          <Message level="good" title="Copy it now: it is not shown again.">
            <CopyValue value={made} label="the new key" />
          </Message>
        )}
      </form>
    </Card>
  );
}
