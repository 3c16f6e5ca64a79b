import { useState } from 'preact/hooks';
import type { TargetedSubmitEvent } from 'preact';
import { post } from '../api/client.js';
import { refresh } from '../api/queries.js';
import { CopyValue, useAction } from '../parts/actions.js';
import { Card, Failed, Message } from '../parts/basics.js';
import { InputField } from '../parts/input-field.js';
import { useScope } from '../parts/scope.js';

/** What a key may be used for, as the API calls it. */
export const SCOPES: Record<string, string> = {
  read: 'read: see everything',
  write: 'write: change settings',
  operate: 'operate: start, pause, sync, answer plans',
  keys: 'keys: make and take away keys; with all others, name administrators',
  gate: 'gate: ask whether somebody may enter',
};
const DAY_MS = 86_400_000;
const LIVES: [days: string, text: string][] = [
  ['', 'until it is taken away'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'a year'],
];

/** A key is shown once, here. */
export function NewKey() {
  const { status } = useScope();
  const [name, setName] = useState('');
  const [integrationId, setIntegrationId] = useState('');
  const [scopes, setScopes] = useState<readonly string[]>(Object.keys(SCOPES));
  const [days, setDays] = useState('');
  const [made, setMade] = useState<string | null>(null);
  const make = useAction(async () => {
    const whose = integrationId === '' ? { role: 'operator' } : { role: 'tenant-admin', integrationId };
    const expiresAt = days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    const { key } = await post<{ key: string }>('/keys', { name, ...whose, scopes, expiresAt });
    setMade(key);
    setName('');
    await refresh('/keys');
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (scopes.length > 0) void make.run();
  };
  const toggle = (scope: string): void =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  return (
    <Card title="New key">
      <form class="stack" onSubmit={submit}>
        <div class="pair">
          <InputField
            id="key-name"
            label="What it is for"
            value={name}
            change={setName}
            input={{ required: true, maxLength: 120 }}
          />
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
          <div class="field">
            <label for="key-life">Good for</label>
            <select id="key-life" value={days} onChange={(event) => setDays(event.currentTarget.value)}>
              {LIVES.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </div>
        </div>
        <fieldset class="stack-s">
          <legend class="legend-title">May do</legend>
          <div class="row">
            {Object.entries(SCOPES).map(([scope, text]) => (
              <label key={scope} class="tick">
                <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
                {text}
              </label>
            ))}
          </div>
          {scopes.length === 0 && <p class="said problem">Choose at least one.</p>}
        </fieldset>
        <p>
          <button type="submit" class="button primary" aria-disabled={make.isRunning || scopes.length === 0}>
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
