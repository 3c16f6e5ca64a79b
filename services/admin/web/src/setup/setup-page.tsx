import { useLocation, useRoute } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { toQuery } from '../api/client.js';
import { useGet } from '../api/queries.js';
import type { Integration } from '../domain/api-types.js';
import { Failed, Load } from '../parts/basics.js';
import { Page } from '../parts/page.js';
import { INTEGRATIONS, secretsAddress, setupAddress, stepOf } from '../pages/addresses.js';
import { useConsent } from './consent-card.js';
import { useDraft } from './draft.js';
import { useLiveCheck } from './live-check.js';
import type { Guide, StepProps, StepSaved } from './setup-types.js';
import { StepApp } from './step-app.js';
import { StepCheck } from './step-check.js';
import { StepGroup } from './step-group.js';
import { StepPermissions } from './step-permissions.js';
import { StepSecret } from './step-secret.js';

const NEW = 'new';

/** The setup dialogue: the manual's five steps, each with what to click in Entra and what to enter here. */
export function SetupPage() {
  const { params } = useRoute();
  const key = params.integrationId ?? NEW;
  const isNew = key === NEW;
  const integration = useGet<Integration>(isNew ? null : `/integrations/${key}`);
  const title = isNew ? 'Connect Microsoft 365' : (integration.data?.name ?? 'Microsoft 365');
  const step = Number(/^step-([1-5])$/.exec(params.step ?? '')?.[1] ?? 1);
  return (
    <Page
      title={title}
      lead={`Five steps; what is typed is tried against your tenant as you go. ${
        isNew || integration.data?.state === 'draft'
          ? 'Nothing runs until you start it.'
          : 'It counts once it is saved.'
      }`}
      crumbs={[
        { text: 'Settings', href: INTEGRATIONS },
        { text: 'Integrations', href: INTEGRATIONS },
        { text: 'Microsoft 365', href: INTEGRATIONS },
      ]}
    >
      {isNew ? (
        <Dialogue draftKey={key} step={step} integration={null} />
      ) : (
        <Load query={integration} lines={10}>
          {(data) => <Dialogue draftKey={key} step={step} integration={data} />}
        </Load>
      )}
    </Page>
  );
}

type DialogueProps = { draftKey: string; step: number; integration: Integration | null };

function Dialogue({ draftKey, step, integration }: DialogueProps) {
  const { route } = useLocation();
  const draft = useDraft(draftKey, integration);
  const { values, change } = draft;
  const check = useLiveCheck(values, integration);
  const guide = useGet<Guide>(
    `/setup/guide${toQuery({
      integrationId: integration?.integrationId,
      consent: values.consent,
      userSync: String(values.userSync),
      mfaVerification: String(values.mfaVerification),
    })}`,
    { keep: true },
  );
  const goTo = (next: number): void => route(setupAddress(draftKey, next));
  const consent = useConsent(integration?.integrationId ?? null);
  const act = (kind: string): void => {
    if (kind === 'check-again') void check.run();
    if (kind === 'enter-secret' && integration) route(secretsAddress(integration.integrationId));
    else if (integration && (kind === 'consent' || kind === 'sign-in')) void consent.run();
    else goTo(stepOf(kind));
  };
  const saved: StepSaved = (sent, after) => {
    draft.settle(sent, after);
    if (draftKey === NEW) route(setupAddress(after.integrationId, 4));
  };
  return (
    <>
      {consent.error && <Failed error={consent.error} />}
      <Load query={guide} lines={10}>
        {(data) => {
          const props: StepProps = {
            values,
            change,
            guide: data,
            integration,
            verdicts: check.answer?.verdicts ?? [],
            act,
          };
          return (
            <>
              <Stepper guide={data} step={step} draftKey={draftKey} />
              {step === 1 && <StepApp {...props} />}
              {step === 2 && <StepSecret {...props} />}
              {step === 3 && <StepPermissions {...props} />}
              {step === 4 && <StepCheck {...props} check={check} draft={draft} saved={saved} />}
              {step === 5 && <StepGroup {...props} draft={draft} saved={saved} />}
              <nav class="row nowrap-row" aria-label="Steps before and after">
                {step > 1 && (
                  <a class="button" href={setupAddress(draftKey, step - 1)}>
                    Back
                  </a>
                )}
                {step < 5 && (
                  <a class="button primary push" href={setupAddress(draftKey, step + 1)}>
                    Next: {data.steps[step]?.title}
                  </a>
                )}
              </nav>
            </>
          );
        }}
      </Load>
    </>
  );
}

function Stepper({ guide, step, draftKey }: { guide: Guide; step: number; draftKey: string }) {
  useEffect(() => {
    const title = guide.steps[step - 1]?.title;
    if (title !== undefined) document.title = `Step ${step}: ${title} · Muster`;
  }, [step, guide]);
  return (
    <nav aria-label="Steps">
      <ol class="steps">
        {guide.steps.map(({ number, title }) => (
          <li key={number}>
            <a href={setupAddress(draftKey, number)} aria-current={number === step ? 'step' : undefined}>
              <span class="step-number">{number}</span>
              <span>{title}</span>
            </a>
          </li>
        ))}
      </ol>
      <h2 class="step-title">
        Step {step}: {guide.steps[step - 1]?.title}
      </h2>
    </nav>
  );
}
