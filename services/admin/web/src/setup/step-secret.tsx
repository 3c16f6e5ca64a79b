import type { Integration } from '../domain/api-types.js';
import { formatDate } from '../domain/format.js';
import { Card, Message } from '../parts/basics.js';
import { secretsAddress } from '../pages/addresses.js';
import { CertificateFields } from './certificate-fields.js';
import { EntraLinks, GuideLines, TextField, VerdictLine } from './fields.js';
import type { StepProps } from './setup-types.js';

/** Step 2: the client secret and when it expires, or a certificate. */
export function StepSecret(props: StepProps) {
  const { guide, integration } = props;
  return (
    <div class="columns">
      <Card title="In Entra">
        <GuideLines guide={guide} step={2} />
        <EntraLinks guide={guide} kinds={['open-secrets']} />
      </Card>
      <Card title="Here">{integration ? <Kept integration={integration} /> : <FirstCredential {...props} />}</Card>
    </div>
  );
}

function Kept({ integration }: { integration: Integration }) {
  const { secret: kept, integrationId } = integration;
  return (
    <div class="stack">
      {kept ? (
        <Message level="plain">
          The credential in use (<code>{kept.hint}</code>) is kept, sealed; it expires on {formatDate(kept.expiresAt)}.
        </Message>
      ) : (
        <Message level="problem">No secret and no certificate is in use: nothing can be read.</Message>
      )}
      <p class="soft">A new one is entered beside it, tested, then switched to: nothing stops meanwhile.</p>
      <p>
        <a class="button" href={secretsAddress(integrationId)}>
          Secrets and certificate
        </a>
      </p>
    </div>
  );
}

const KINDS = { secret: 'A client secret', certificate: 'A certificate' } as const;

function FirstCredential(props: StepProps) {
  const { values, change, verdicts, act } = props;
  return (
    <div class="stack">
      <fieldset>
        <legend class="visually-hidden">How the app proves itself</legend>
        <div class="row">
          {(['secret', 'certificate'] as const).map((kind) => (
            <label key={kind} class="tick">
              <input
                type="radio"
                name="credential"
                checked={values.credential === kind}
                // What is not shown is not sent.
                onChange={() => change({ ...NOTHING_TYPED, credential: kind })}
              />
              {KINDS[kind]}
            </label>
          ))}
        </div>
      </fieldset>
      {values.credential === 'secret' ? (
        <SecretFields {...props} />
      ) : (
        <>
          <CertificateFields {...values} change={change} />
          <div aria-live="polite">
            {verdicts
              .filter(({ field }) => field === 'certificate')
              .map((verdict) => (
                <VerdictLine key={verdict.text} verdict={verdict} act={act} />
              ))}
          </div>
        </>
      )}
    </div>
  );
}

const NOTHING_TYPED = { clientSecret: '', secretExpiresOn: '', certificate: '', privateKey: '' };

const SecretFields = (props: StepProps) => (
  <>
    <TextField
      {...props}
      field="clientSecret"
      label="Client secret value"
      help="The Value, not the Secret ID. It is sealed when it is saved, and never shown again."
      input={{ type: 'password', autocomplete: 'new-password' }}
    />
    <TextField
      {...props}
      field="secretExpiresOn"
      label="Expires on"
      help="As Entra shows it. At least 365 days (12 months) ahead; you are warned 60, 30, 14, 7 and 1 days before."
      input={{ type: 'date' }}
    />
  </>
);
