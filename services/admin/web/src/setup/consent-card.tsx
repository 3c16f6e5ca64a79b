import { useLocation } from 'preact-iso';
import { useEffect, useRef } from 'preact/hooks';
import { post, toQuery } from '../api/client.js';
import { useGet } from '../api/queries.js';
import type { Integration } from '../domain/api-types.js';
import { ActionButton, useAction, type Action } from '../parts/actions.js';
import { secretsAddress, setupAddress, stepOf } from '../pages/addresses.js';
import { Card, Failed, Loading, Message } from '../parts/basics.js';
import { ActionLink } from './fields.js';
import type { SetupAction } from './setup-types.js';

/** To Microsoft, and back to this page. */
export function useConsent(integrationId: string | null, returnTo?: string): Action {
  return useAction(async () => {
    const { url } = await post<{ url: string }>(
      `/integrations/${integrationId ?? ''}/consent`,
      returnTo === undefined ? {} : { returnTo },
    );
    location.assign(url);
    // The browser leaves: the button stays as it is until it has, or until one comes back by the browser's own button.
    await new Promise((resolve) => addEventListener('pageshow', resolve, { once: true }));
  });
}

export type ConsentCardProps = {
  /** Null: not saved yet. */
  integration: Integration | null;
  /** What is typed is not what is saved: it must be, before Microsoft is asked for it. */
  isChanged?: boolean;
  /** Where one comes back to; step 4 of the dialogue when left out. */
  returnTo?: string;
};

export function ConsentCard({ integration, isChanged = false, returnTo }: ConsentCardProps) {
  const go = useConsent(integration?.integrationId ?? null, returnTo);
  return (
    <Card title="Sign in and consent" id="consent">
      <div class="stack-s">
        <ConsentOutcome integration={integration} />
        <p class="soft">
          {integration?.consent === 'application'
            ? 'Sign in as an administrator and consent once, for the whole tenant. You come back here.'
            : 'Sign in with the account on whose behalf Muster reads, and consent. You come back here.'}
        </p>
        {!integration && <p class="soft">Save first.</p>}
        {integration && isChanged && <p class="soft">Save the changes first, so that Microsoft asks for them.</p>}
        {integration && !isChanged && (
          <p>
            <ActionButton action={go} kind="primary" busy="Going to Microsoft …">
              Sign in and consent
            </ActionButton>
          </p>
        )}
        {go.error && <Failed error={go.error} />}
      </div>
    </Card>
  );
}

type Refusal = { text: string; cure: string; action: SetupAction };
type OutcomeProps = Pick<ConsentCardProps, 'integration'>;

/** What the way through Microsoft came to, by the address that one comes back with: one sentence and one button. */
function ConsentOutcome({ integration }: OutcomeProps) {
  const { consent, consentProblem } = useLocation().query;
  // A code, looked up here: words in an address are anybody's.
  const isCode = integration !== null && /^[\w.-]{1,100}$/.test(consentProblem ?? '');
  const suffix = toQuery({ integrationId: integration?.integrationId });
  const why = useGet<Refusal>(isCode ? `/setup/refusals/${consentProblem ?? ''}${suffix}` : null);
  const box = useRef<HTMLDivElement>(null);
  // Whoever comes back wants to know first what it came to.
  useEffect(() => box.current?.focus(), [consent]);
  if (consent === undefined) return null;
  return (
    <div ref={box} tabIndex={-1}>
      {consent === 'granted' ? (
        <Message level="good" title="Consented.">
          Each permission is tried out now.
        </Message>
      ) : why.isLoading ? (
        <Loading lines={1} />
      ) : (
        <Message
          level="problem"
          title="Not consented."
          action={why.data && integration && <RefusalButton action={why.data.action} integration={integration} />}
        >
          {why.data ? `${why.data.text} ${why.data.cure}` : 'Microsoft did not say why.'}
        </Message>
      )}
    </div>
  );
}

/** To sign in again is the button of this card; anything else is done elsewhere first. */
function RefusalButton({ action, integration }: { action: SetupAction; integration: Integration }) {
  const { route } = useLocation();
  const isHere = action.kind === 'consent' || action.kind === 'sign-in' || action.kind === 'check-again';
  const isNowhere = action.href === null && action.kind.startsWith('open-');
  if (isHere || isNowhere) return null;
  const { integrationId } = integration;
  const act = (kind: string): void =>
    route(kind === 'enter-secret' ? secretsAddress(integrationId) : setupAddress(integrationId, stepOf(kind)));
  return <ActionLink action={action} act={act} />;
}
