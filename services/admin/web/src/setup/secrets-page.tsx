import { useState } from 'preact/hooks';
import { call, post } from '../api/client.js';
import { refresh, useGet } from '../api/queries.js';
import type { Credential, Credentials, Slot } from '../domain/credentials.js';
import { formatDate } from '../domain/format.js';
import { EMPTY_SETUP, sayOfField, toExpiryInstant } from '../domain/setup-values.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Empty, Failed, Load, Message, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { CertificateCard } from './certificate-card.js';
import { seeCollision } from './collision.js';
import { TextField, VerdictLine } from './fields.js';
import { IntegrationSubpage, useIntegration } from './integration-subpage.js';
import { toSecretWord } from './integrations-page.js';
import { SeenProblem, useSeen } from './seen-credentials.js';
import type { Verdict } from './setup-types.js';

/** Two slots and a certificate: a new one is entered beside the old, tested, then switched to. */
export function SecretsPage() {
  const { integrationId } = useIntegration();
  const path = `/integrations/${integrationId}/secrets`;
  const secrets = useGet<Credentials>(path);
  return (
    <IntegrationSubpage
      title="Secrets"
      lead="A new one is entered beside the old, tested, then switched to; also when the old one has expired. Nobody and nothing is lost."
    >
      <Load query={secrets}>
        {(data) => (
          <>
            <Card title="Kept">
              {data.items.length === 0 ? (
                <Empty title="No secret yet">Without one nothing can be read. Enter it below.</Empty>
              ) : (
                <ul class="list">
                  {data.items.map((credential) => (
                    <CredentialRow key={credential.slot} credential={credential} path={path} revision={data.revision} />
                  ))}
                </ul>
              )}
            </Card>
            <div class="columns">
              <NewSecret path={path} credentials={data} />
              <CertificateCard integrationId={integrationId} credentials={data} />
            </div>
          </>
        )}
      </Load>
    </IntegrationSubpage>
  );
}

const SLOTS: Record<Slot, string> = { a: 'Secret in slot A', b: 'Secret in slot B', certificate: 'Certificate' };

type RowProps = { credential: Credential; path: string; revision: number };

function CredentialRow({ credential, path, revision }: RowProps) {
  const now = useNow();
  const toast = useToast();
  const { slot, hint, expiresAt, addedAt, inUse, warning } = credential;
  const [verdicts, setVerdicts] = useState<Verdict[]>([]);
  const test = useAction(async () => {
    setVerdicts((await post<{ verdicts: Verdict[] }>(`${path}/${slot}/test`)).verdicts);
  });
  const use = useAction(async () => {
    await seeCollision(call('POST', `${path}/${slot}/use`, { ifMatch: `"${revision}"` }));
    toast('Tested and switched: this one is used from now on.');
    await refresh('/integrations', '/status');
  });
  const remove = useAction(async () => {
    await seeCollision(call('DELETE', `${path}/${slot}`, { ifMatch: `"${revision}"` }));
    toast('Removed.');
    await refresh('/integrations');
  });
  const error = test.error ?? use.error ?? remove.error;
  return (
    <li class="stack-s">
      <div class="row">
        <strong>{SLOTS[slot]}</strong>
        {inUse && <Pill word={{ text: 'in use', tone: 'good' }} />}
        <Pill word={toSecretWord(expiresAt, now)} />
      </div>
      <p class="soft">
        {slot === 'certificate' ? 'Thumbprint begins' : 'Ends'} with <code>{hint}</code>, added {formatDate(addedAt)},
        expires {formatDate(expiresAt)}.
      </p>
      {warning && (
        <Message level={warning.level}>
          {warning.text} {warning.cure}
        </Message>
      )}
      <div class="row">
        <ActionButton action={test} small busy="Testing …">
          Test<span class="visually-hidden"> {SLOTS[slot]}</span>
        </ActionButton>
        {!inUse && (
          <>
            <ActionButton action={use} small kind="primary" busy="Testing, then switching …">
              Switch to it<span class="visually-hidden">: {SLOTS[slot]}</span>
            </ActionButton>
            <ActionButton action={remove} small kind="danger">
              Remove<span class="visually-hidden"> {SLOTS[slot]}</span>
            </ActionButton>
          </>
        )}
      </div>
      <div aria-live="polite">
        {verdicts.map((verdict) => (
          <VerdictLine key={verdict.text} verdict={verdict} act={() => undefined} />
        ))}
      </div>
      {error && <Failed error={error} />}
    </li>
  );
}

function NewSecret({ path, credentials }: { path: string; credentials: Credentials }) {
  const { freeSlot, revision } = credentials;
  const seen = useSeen(credentials);
  const now = useNow();
  const toast = useToast();
  const [values, setValues] = useState(EMPTY_SETUP);
  const { clientSecret, secretExpiresOn } = values;
  const isReady = (['clientSecret', 'secretExpiresOn'] as const).every(
    (field) => values[field] !== '' && sayOfField(field, values, now)?.state !== 'problem',
  );
  const put = useAction(async () => {
    const body = { clientSecret: clientSecret.trim(), secretExpiresAt: toExpiryInstant(secretExpiresOn) };
    await seeCollision(call('PUT', `${path}/${freeSlot}`, { body, ifMatch: `"${revision}"` }));
    setValues(EMPTY_SETUP);
    seen.end();
    toast('Kept beside the one in use. Test it, then switch to it.');
    await refresh('/integrations');
  });
  const field = {
    values,
    change: (next: Partial<typeof values>) => {
      seen.begin();
      setValues({ ...values, ...next });
    },
    verdicts: [],
    act: () => undefined,
  };
  return (
    <Card title="Enter a new secret">
      <div class="stack">
        <TextField
          {...field}
          field="clientSecret"
          label="Client secret value"
          help="The Value, not the Secret ID."
          input={{ type: 'password', autocomplete: 'new-password' }}
        />
        <TextField
          {...field}
          field="secretExpiresOn"
          label="Expires on"
          help="As Entra shows it."
          input={{ type: 'date' }}
        />
        {isReady && !(seen.outdated && !put.isRunning) && (
          <p>
            <ActionButton action={put} kind="primary" busy="Saving …">
              Keep it in slot {freeSlot.toUpperCase()}
            </ActionButton>
          </p>
        )}
        {!isReady && <p class="soft">Nothing switches yet when it is kept.</p>}
        <SeenProblem seen={seen} saving={put} />
      </div>
    </Card>
  );
}
