import { call, post } from '../api/client.js';
import { refresh, useGet, useHasRoute } from '../api/queries.js';
import type { Integration } from '../domain/api-types.js';
import { formatWhen } from '../domain/format.js';
import { findMissing, toExpiryInstant, type SetupValues } from '../domain/setup-values.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Empty, Failed, Message } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { VerdictLine } from './fields.js';
import type { LiveCheck } from './live-check.js';
import { RightsTable } from './rights-table.js';
import type { Right, StepProps } from './setup-types.js';

export type StepCheckProps = StepProps & { check: LiveCheck; saved: (integrationId: string) => void };
type Props = StepCheckProps;

/** Step 4: everything proved against the tenant, saved, and consented to. */
export function StepCheck(props: Props) {
  return (
    <>
      <CheckCard {...props} />
      <SaveCard {...props} />
      <ConsentCard {...props} />
      <RightsCard {...props} />
    </>
  );
}

function CheckCard({ check, verdicts, act, values }: Props) {
  const now = useNow();
  const run = useAction(check.run);
  const { answer, error } = check;
  return (
    <Card
      title="Check"
      aside={
        <ActionButton action={run} busy="Checking …">
          Check
        </ActionButton>
      }
    >
      <div class="stack-s" aria-live="polite" aria-busy={check.isRunning}>
        {error && <Failed error={error} />}
        {!answer && !error && (
          <p class="soft">
            {values.tenantId === ''
              ? 'Nothing is typed yet: begin with step 1.'
              : 'The values are tried against your tenant; nothing is changed there.'}
          </p>
        )}
        {verdicts.map((verdict) => (
          <VerdictLine key={`${verdict.field}/${verdict.text}`} verdict={verdict} act={act} />
        ))}
        {answer && (
          <p class="small soft">
            {answer.ok ? 'Everything is proved' : 'Not everything is proved'}; checked{' '}
            {formatWhen(answer.checkedAt, now)}.
          </p>
        )}
      </div>
    </Card>
  );
}

/** Group and guests are saved by step 5, which shows first who gains and who loses. */
function toBody(values: SetupValues) {
  const { name, clientId, userSync, mfaVerification, consent, clientSecret, secretExpiresOn } = values;
  return {
    name: name.trim(),
    clientId: clientId.trim(),
    features: { userSync, mfaVerification },
    consent,
    ...(clientSecret === ''
      ? {}
      : { clientSecret: clientSecret.trim(), secretExpiresAt: toExpiryInstant(secretExpiresOn) }),
  };
}

async function save(values: SetupValues, integration: Integration | null): Promise<string> {
  if (integration) {
    const ifMatch = `"${integration.revision}"`;
    await call('PATCH', `/integrations/${integration.integrationId}`, { body: toBody(values), ifMatch });
    return integration.integrationId;
  }
  const body = { ...toBody(values), tenantId: values.tenantId.trim() };
  return (await post<Integration>('/integrations', body)).integrationId;
}

function SaveCard({ values, integration, saved }: Props) {
  const now = useNow();
  const toast = useToast();
  const missing = findMissing({ ...values, limitByGroup: false }, integration?.secret != null, now);
  const run = useAction(async () => {
    const integrationId = await save(values, integration);
    toast(integration ? 'Saved.' : 'Saved as a draft: nothing runs yet.');
    await refresh('/integrations', '/status', '/setup');
    saved(integrationId);
  });
  return (
    <Card title="Save">
      <div class="stack-s">
        {missing.length > 0 ? (
          <p class="soft">Missing yet: {missing.join(', ')}.</p>
        ) : (
          <p class="soft">
            {integration ? 'Changes count at once.' : 'It becomes a draft; nothing runs until you start it in step 5.'}
          </p>
        )}
        {missing.length === 0 && (
          <p>
            <ActionButton action={run} kind="primary" busy="Saving …">
              {integration ? 'Save changes' : 'Save as a draft'}
            </ActionButton>
          </p>
        )}
        {run.error && <Failed error={run.error} />}
      </div>
    </Card>
  );
}

function ConsentCard({ integration, values }: Props) {
  const has = useHasRoute('/integrations/{integrationId}/consent');
  const go = useAction(async () => {
    const { url } = await post<{ url: string }>(`/integrations/${integration?.integrationId ?? ''}/consent`);
    location.assign(url);
    // The browser leaves: the button stays as it is until it has.
    await new Promise(() => undefined);
  });
  const isDelegated = values.consent === 'delegated';
  return (
    <Card title="Sign in and consent">
      <div class="stack-s">
        <p class="soft">
          {isDelegated
            ? 'Sign in with the account on whose behalf Muster reads, and consent to the permissions of step 3.'
            : 'Sign in as an administrator and consent once, for the whole tenant, to the permissions of step 3.'}
        </p>
        {!integration && <p class="soft">Save first.</p>}
        {integration && has && (
          <p>
            <ActionButton action={go} kind="primary" busy="Going to Microsoft …">
              Sign in and consent
            </ActionButton>
          </p>
        )}
        {integration && !has && (
          <Message level="remark">Consent in Entra: API permissions › Grant admin consent. Then press Check.</Message>
        )}
        {go.error && <Failed error={go.error} />}
      </div>
    </Card>
  );
}

function RightsCard({ integration, check }: Props) {
  const path = integration ? `/integrations/${integration.integrationId}/permissions` : null;
  const has = useHasRoute('/integrations/{integrationId}/permissions');
  const table = useGet<{ items?: Right[]; permissions?: Right[]; rights?: Right[] }>(has ? path : null);
  const probe = useAction(async () => {
    await post(`${path ?? ''}/probe`);
    await refresh(path ?? '');
  });
  const kept = table.data?.items ?? table.data?.permissions ?? table.data?.rights ?? [];
  const rights = kept.length > 0 ? kept : (check.answer?.rights ?? []);
  const button = has && path !== null && (
    <ActionButton action={probe} busy="Proving …">
      Prove them now
    </ActionButton>
  );
  return (
    <Card title="Permissions" aside={button || undefined}>
      <div class="stack-s">
        {probe.error && <Failed error={probe.error} />}
        {rights.length === 0 ? (
          <Empty title="Nothing is proved yet">
            After the check, each permission stands here, with what it costs to go without.
          </Empty>
        ) : (
          <RightsTable rights={rights} />
        )}
      </div>
    </Card>
  );
}
