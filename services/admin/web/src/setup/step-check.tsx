import { call, post } from '../api/client.js';
import { refresh } from '../api/queries.js';
import type { Integration } from '../domain/api-types.js';
import { formatWhen } from '../domain/format.js';
import { findMissing, toExpiryInstant, type SetupValues } from '../domain/setup-values.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Failed } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { DraftCollision, seeCollision } from './collision.js';
import { ConsentCard } from './consent-card.js';
import { GuideLines, VerdictLine } from './fields.js';
import type { LiveCheck } from './live-check.js';
import { RightsCard } from './rights-card.js';
import type { SavingProps } from './setup-types.js';

export type StepCheckProps = SavingProps & { check: LiveCheck };
type Props = StepCheckProps;

/** What a read was about, where its refusal does not say. */
const FIELDS: Record<string, string> = { users: 'People', groupId: 'Group', mfaReport: 'MFA report' };

/** Step 4: everything proved against the tenant, saved, and consented to. */
export function StepCheck(props: Props) {
  const { integration, values, check, guide } = props;
  return (
    <>
      <Card title="What is left to do">
        <GuideLines guide={guide} step={4} />
      </Card>
      <CheckCard {...props} />
      <SaveCard {...props} />
      <ConsentCard integration={integration} isChanged={integration !== null && isUnsaved(values, integration)} />
      <RightsCard integration={integration} checked={check.answer?.rights ?? []} />
    </>
  );
}

/** Which permissions Microsoft is asked for hangs on these; and a secret that is only typed is lost on the way. */
const isUnsaved = (values: SetupValues, { consent, features }: Integration): boolean =>
  values.clientSecret !== '' ||
  values.consent !== consent ||
  values.userSync !== features.userSync ||
  values.mfaVerification !== features.mfaVerification;

const isSameApp = ({ name, clientId }: SetupValues, integration: Integration): boolean =>
  name.trim() === integration.name && clientId.trim().toLowerCase() === integration.clientId;

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
          <VerdictLine
            key={`${verdict.field}/${verdict.text}`}
            verdict={verdict}
            about={verdict.state === 'ok' ? undefined : FIELDS[verdict.field]}
            act={act}
          />
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

async function save({ values, integration, draft }: Props): Promise<Integration> {
  if (integration) {
    const path = `/integrations/${integration.integrationId}`;
    const ifMatch = `"${draft.revision ?? integration.revision}"`;
    return (await seeCollision(call<Integration>('PATCH', path, { body: toBody(values), ifMatch }))).body;
  }
  const { credential, certificate, privateKey, tenantId } = values;
  const body = {
    ...toBody(values),
    tenantId: tenantId.trim(),
    ...(credential === 'certificate' ? { certificate: { certificate, privateKey } } : {}),
  };
  return post<Integration>('/integrations', body);
}

function SaveCard(props: Props) {
  const { values, integration, draft, saved } = props;
  const now = useNow();
  const toast = useToast();
  const missing = findMissing({ ...values, limitByGroup: false }, integration?.secret != null, now);
  const isSaved = integration !== null && !isUnsaved(values, integration) && isSameApp(values, integration);
  const run = useAction(async () => {
    const after = await save(props);
    toast(integration ? 'Saved.' : 'Saved as a draft: nothing runs yet.');
    await refresh('/integrations', '/status', '/setup');
    const { groupId: _, limitByGroup: __, includeGuests: ___, ...sent } = values;
    saved(sent, after);
  });
  return (
    <Card title="Save">
      <div class="stack-s">
        {missing.length > 0 ? (
          <p class="soft">Missing yet: {missing.join(', ')}.</p>
        ) : (
          <p class="soft">
            {isSaved
              ? 'Everything is saved.'
              : integration
                ? 'Changes count at once.'
                : 'It becomes a draft; nothing runs until you start it in step 5.'}
          </p>
        )}
        {draft.outdated && <DraftCollision catchUp={draft.catchUp} />}
        {missing.length === 0 && !isSaved && !draft.outdated && (
          <p>
            <ActionButton action={run} kind="primary" busy="Saving …">
              {integration ? 'Save changes' : 'Save as a draft'}
            </ActionButton>
          </p>
        )}
        {run.error && !draft.outdated && <Failed error={run.error} />}
      </div>
    </Card>
  );
}
