import { formatDate } from '../domain/format.js';
import { Card, Message } from '../parts/basics.js';
import { secretsAddress } from '../pages/addresses.js';
import { EntraLinks, GuideLines, TextField } from './fields.js';
import type { StepProps } from './setup-types.js';

/** Step 2: the client secret and when it expires. */
export function StepSecret(props: StepProps) {
  const { guide, integration } = props;
  const kept = integration?.secret ?? null;
  return (
    <div class="columns">
      <Card title="In Entra">
        <GuideLines guide={guide} step={2} />
        <EntraLinks guide={guide} kinds={['open-secrets']} />
      </Card>
      <Card title="Here">
        {kept && integration ? (
          <div class="stack">
            <Message level="plain">
              A secret that ends with <code>{kept.hint}</code> is kept, sealed; it expires on{' '}
              {formatDate(kept.expiresAt)}.
            </Message>
            <p class="soft">A new one is entered beside it, tested, then switched to: nothing stops meanwhile.</p>
            <p>
              <a class="button" href={secretsAddress(integration.integrationId)}>
                Secrets and certificate
              </a>
            </p>
          </div>
        ) : (
          <div class="stack">
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
          </div>
        )}
      </Card>
    </div>
  );
}
